"""What the benchmarks of cold starts and of memory make of what they measured."""

from benchmarks import cold_builds, cold_starts, memory
from benchmarks.cold_starts import Start
from benchmarks.memory import Use
from local.template import load_template


def _starts(ours: float, stock: float, bare: float = 100) -> list[Start]:
    """Three of each, one of them an outlier."""
    return [
        Start(kind, function, init * times, 2 * init * times)
        for kind, function, init in (("ours", "sign_in", ours), ("stock", "sign_in", stock), ("bare", "bare", bare))
        for times in (1, 1, 10)
    ]


def test_ratios_are_of_medians() -> None:
    """One start in three that is ten times slower changes no ratio."""
    its = cold_starts.summary(_starts(ours=80, stock=320))["functions"]["sign_in"]

    assert (its["init_over_bare"], its["init_of_stock"]) == (0.8, 0.25)
    assert (its["first_answer_over_bare"], its["first_answer_of_stock"]) == (0.8, 0.25)


def test_budget_is_met_at_its_limits() -> None:
    """1.25 times the bare handler and half the stock build are within the budget."""
    assert cold_starts.summary(_starts(ours=125, stock=250))["within_budget"]


def test_either_ratio_breaks_the_budget() -> None:
    """More than either limit is over budget, of any function, and the table says which."""
    for ours, stock in ((126, 1000), (100, 199)):
        measured = cold_starts.summary(_starts(ours, stock))
        assert not measured["within_budget"]
        assert "over budget" in cold_starts.tables(measured)


def test_stock_build_has_no_makefile() -> None:
    """Of the stock template SAM's own builder makes every function and layer; all else is as it is deployed."""
    document = load_template().document
    stock = cold_builds.stock_template(document)

    methods = {its.get("Metadata", {}).get("BuildMethod") for its in stock["Resources"].values()}
    assert methods == {None, "python3.13"}
    assert [its.get("Properties") for its in stock["Resources"].values()] == [
        its.get("Properties") for its in document["Resources"].values()
    ]
    assert "makefile" in str(document), "the template that is deployed must be left as it is"


def _use(cpu: float, memory_mb: float = 40, cpu_at_init: float = 300) -> Use:
    return Use(memory_at_init=memory_mb, memory=memory_mb, cpu_at_init=cpu_at_init, cpu=cpu, calls=2)


def test_latency_is_cpu_at_its_share_and_waiting() -> None:
    """Half the memory of a whole vCPU doubles the CPU's part of the latency; more than a whole one changes nothing."""
    assert memory.sized(_use(20), 1769)["latency_ms"] == 20 + 2 * memory.TRIP
    assert memory.sized(_use(20), 3538)["latency_ms"] == 20 + 2 * memory.TRIP
    assert memory.sized(_use(20), 884)["latency_ms"] == round(20 * 1769 / 884 + 2 * memory.TRIP, 1)


def test_price_is_of_whole_milliseconds() -> None:
    """A million invocations of 30 ms at 1 GB are 30,000 GB-seconds and a million requests; of 29.5 ms too."""
    for cpu in (20 / 1769 * 1024, 19.5 / 1769 * 1024):
        usd = memory.sized(_use(cpu), 1024)["usd_per_million"]
        assert usd == {"arm64": round(30_000 * 0.0000133334 + 0.2, 2), "x86_64": round(30_000 * 0.0000166667 + 0.2, 2)}


def test_cheapest_meets_everything() -> None:
    """The size chosen is quick enough, starts in time and has memory to spare; where none is, none is chosen."""
    assert memory.chosen("forgot", _use(1))["cheapest"]["memory_mb"] == 128
    assert memory.chosen("forgot", _use(1, memory_mb=110))["cheapest"]["memory_mb"] == 192
    assert memory.chosen("forgot", _use(1, cpu_at_init=1000))["cheapest"]["memory_mb"] == 192
    assert memory.chosen("forgot", _use(45))["cheapest"]["memory_mb"] == 896
    assert memory.chosen("forgot", _use(95))["cheapest"] is None
