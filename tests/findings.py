"""Findings and traces made by hand, for the tests of what comes after the evaluation."""

from __future__ import annotations

from torchshape_lint import codes
from torchshape_lint.diagnostics import Diagnostic, Entry, Step, Story, Trace
from torchshape_lint.dims import floordiv, fresh, symbol
from torchshape_lint.shapes import Shape, open_shape
from torchshape_lint.spans import Span

N, H = symbol("n"), symbol("h")

FINDING = Diagnostic(
    codes.FEATURES,
    "net.py",
    Span(9, 16, 9, 26),
    "fc: last axis of x is 196 (4*7*7), but in_features is 256",
    expected=196,
    actual=256,
    notes=("in_features of 196 would fit",),
    fix="nn.Linear(196, 10)",
    story="called at line 12 with (2, 1, 28, 28)",
    origin=Story("script", line=12),
)

STEPS = (
    Step(
        "net.conv",
        Span(8, 13, 8, 25),
        "self.conv(x)",
        "torch.nn.Conv2d",
        (Shape((2, 1, 28, 28)),),
        (Shape((2, 4, 28, 28)),),
        "(28 + 2*1 - 3)//1 + 1 = 28",
        1040,
        0,
    ),
    Step(
        "net.lstm",
        Span(9, 16, 9, 26),
        "self.lstm(\n    x)",
        "torch.nn.LSTM",
        (Shape((N, floordiv(H, 2), fresh())), None),
        (Shape((N, 3)), open_shape(4), Shape(())),
        "",
        None,
        1,
    ),
)

TRACE = Trace(
    "net.py",
    (
        Entry(
            "Net",
            4,
            "called at line 12",
            (("x", Shape((2, 1, 28, 28))), ("state", Shape((N,))), ("state", None)),
            STEPS,
            (Shape((2, 10)),),
            3010,
            ("h is even",),
            "square pictures of 28..31 fit",
        ),
        Entry("<module>", 1, "", (), (), (), None),
    ),
    (FINDING,),
    ("ended after 2 s",),
)
