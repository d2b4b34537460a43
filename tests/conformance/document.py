"""docs/oidc-conformance.md, drawn from the table: `make documents` writes it, a test compares."""

from __future__ import annotations

from local.template import ROOT
from tests.conformance import basic, config, logout
from tests.conformance.modules import MODULES, Module

PAGE = ROOT / "docs/oidc-conformance.md"
PLANS = (basic, config, logout)
HEAD = """# OpenID conformance

The modules of three of [OpenID's certification plans](https://openid.net/certification/), by their names in its
conformance suite, and what each does against Rekey. This page is drawn from
[tests/conformance](../tests/conformance) by `make documents`.

The tests are written after the suite's, and run on the handlers with every test run. They are no certification: the
suite itself needs a deployment that it can reach. To run it, register its client by hand, as type `web` with
`--pkce optional`, because only one of its modules sends PKCE."""


def document() -> str:
    return "\n".join([HEAD, *(line for plan in PLANS for line in _table(plan.PLAN))]) + "\n"


def _table(plan: str) -> list[str]:
    modules = [each for each in MODULES if each.plan == plan]
    passed = sum(not each.reason for each in modules)
    told = f"{passed} of {len(modules)} pass." if passed < len(modules) else f"All {passed} pass."
    told = "It passes." if len(modules) == 1 else told
    return [f"\n## {plan}\n{told}\n", "| module | what is done and expected | result |", "| --- | --- | --- |"] + [
        f"| `{each.name}` | {each.told} | {_result(each)} |" for each in modules
    ]


def _result(module: Module) -> str:
    if module.reason:
        return f"not applicable: {module.reason}"
    return f"passes, with a warning: {module.warning}" if module.warning else "passes"


if __name__ == "__main__":
    PAGE.write_text(document(), "utf-8")
