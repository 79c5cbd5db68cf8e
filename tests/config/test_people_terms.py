"""P-02: no watch listens for a person, a party, a union or a protest."""

import pytest

from bot.config.load import load


@pytest.mark.parametrize("term", ['"@kim_ohne_netz"', '"@max.mustermann"', '"@alice"'])
def test_a_handle_that_is_not_ours_is_refused_with_place_and_remedy(faults, term: str) -> None:
    [told] = [
        line for line in faults({"watches/w.yaml": f"watch: w\nany:\n  - Fjordfon\n  - {term}\n"}) if "P-02" in line
    ]
    assert told.startswith("watches/w.yaml:4:")
    assert "nobody is watched as a person" in told
    assert "brand.yaml" in told


@pytest.mark.parametrize(
    "term", ["AfD", "SPD", "Betriebsrat", "IG Metall", "Gewerkschaft*", "protest", "trade union", "#pegida"]
)
def test_parties_unions_and_protest_are_refused(faults, term: str) -> None:
    lines = faults({"watches/w.yaml": f'watch: w\nall:\n  - [Fjordfon]\n  - ["{term}"]\n'})
    assert any("politics, unions or protest" in line for line in lines)


@pytest.mark.parametrize(
    "term", ['"@fjordfon"', '"@FjordfonSupport"', '"@hilft_fjordfon"', "Streik", "~AfD", "Union Berlin"]
)
def test_our_own_handles_and_what_people_say_of_the_service_are_not(write, term: str) -> None:
    load(write({"watches/w.yaml": f"watch: w\nany:\n  - Fjordfon\n  - {term}\n"}))
