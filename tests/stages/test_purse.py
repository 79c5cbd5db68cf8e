"""What a platform bills is counted once for all processes, by day and by month."""

from bot.refusals import StoredPurse


def test_a_purse_counts_days_and_months_in_the_store(tent):
    purse = StoredPurse(tent.wiring.stores, tent.clock, "x", day=1.0, month=10.0)
    assert (purse.spent(), purse.costs(), purse.forecast()) == (0.0, (0.0, 0.0), 0.0)
    purse.pay("read", 400_000)
    tent.clock.advance(86_400_000)
    purse.pay("read", 100_000)
    purse.pay("post", 400_000)
    today, month = purse.costs()
    assert (today, round(month, 6)) == (0.5, 0.9)
    assert purse.spent() == 0.5
    assert purse.forecast() >= 0.9
    other = StoredPurse(tent.wiring.stores, tent.clock, "x2", day=1.0, month=10.0)
    assert other.spent() == 0.0
    assert StoredPurse(tent.wiring.stores, tent.clock, "x", day=0.0, month=0.0).spent() == 0.0
