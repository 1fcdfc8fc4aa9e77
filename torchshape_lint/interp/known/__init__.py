"""What lies outside the analysed code and is known: builtins, the standard library, methods of nn.Module.

Each module here fills the table with `known`; `call_external` and `call_method` are the ways in. A function of a
well-behaved package that nobody wrote down gives an unknown value and changes nothing; anything else may change
whatever it is handed.
"""

from __future__ import annotations

from torchshape_lint.interp.known.dispatch import call_external, call_method

__all__ = ["call_external", "call_method"]
