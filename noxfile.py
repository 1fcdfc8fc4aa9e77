"""The suite on every Python, and on the oldest libraries that are allowed: ``nox``; ``nox -s lowest -- -k flake8``."""

from __future__ import annotations

import nox

nox.options.default_venv_backend = "uv|virtualenv"
nox.options.error_on_missing_interpreters = False
LOWEST = ("flake8==7.0.0", "libcst==1.5.0")  # as in pyproject.toml


@nox.session(python=["3.11", "3.12", "3.13", "3.14"])
def tests(session: nox.Session) -> None:
    session.install("-e", ".[test]")
    session.run("python", "-m", "pytest", "-q", "-n", "auto", "--dist", "loadfile", *session.posargs)


@nox.session(python="3.11")
def lowest(session: nox.Session) -> None:
    session.install("-e", ".[test]", *LOWEST)
    session.run("python", "-m", "pytest", "-q", "-n", "auto", "--dist", "loadfile", *session.posargs)


@nox.session(python=False)
def dist(session: nox.Session) -> None:
    session.run(".ci/dist", *session.posargs, external=True)
