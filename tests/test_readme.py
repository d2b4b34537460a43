"""README.md and docs/api.md are true of the template and of the prices."""

import re

import pytest

from benchmarks import prices
from local.template import ROOT, load_template

README = (ROOT / "README.md").read_text()
API = (ROOT / "docs/api.md").read_text()
CARD = ("POST /change", "POST /forgot", "POST /reset", "POST /totp/setup", "POST /totp/verify", "POST /revoke-tokens")


@pytest.mark.parametrize("key", load_template().routes())
def test_routes_are_listed(key: str) -> None:
    """Each route of the template stands in the reference of the API; HEAD goes with GET."""
    assert f"`{key}`" in API or f"`{key.replace('HEAD', 'GET')}`" in API, f"{key} is not in docs/api.md"


def test_the_six_flows_come_first() -> None:
    """The README's one table of calls has the flows at the core, in order, before it asks whether Rekey fits."""
    assert re.findall(r"^\| `([A-Z]+ /\S+)` \|", README, re.MULTILINE) == [*CARD]
    assert README.index(CARD[-1]) < README.index("## Is it for you?")


def test_idle_cost() -> None:
    """What the README says that a stack costs while nobody signs in, by the prices and the alarms there are."""
    alarms = load_template().nested("Watching").document["Resources"].values()
    read = sum(
        sum("MetricStat" in each for each in alarm["Properties"].get("Metrics", [])) or 1
        for alarm in alarms
        if alarm["Type"] == "AWS::CloudWatch::Alarm"
    )
    keys, watching, dashboard = (
        prices.KMS_KEY.of(len(load_template().keys())),
        prices.ALARMS.of(read),
        prices.DASHBOARDS.of(1),
    )
    told = " ".join(README.split())

    assert f"some {keys + watching + dashboard:.0f} dollars a month" in told
    assert f"two KMS keys {keys:.2f}, alarms {watching:.2f}, and the dashboard {dashboard:.2f}" in told
    assert f"a metric of {prices.METRICS.of(1):.2f}" in told
