"""The brand file says what customer numbers look like; a notation that would hit everything, or nothing, is a fault."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.load import load
from bot.config.models import PersonalDataRules
from bot.config.number_notation import fault_of
from bot.config.starter import starter_dir, write_starter
from bot.model import Platform

BRAND = "name: Fjordfon\nnames: [Fjordfon]\naccounts:\n  replay:\n    - handle: fjordfon_hilft\n"
CONTACT = 'contacts:\n  - { topic: outage, language: de, value: "https://fjordfon.example/x" }\n'
FAULTS = [
    ('customer_numbers: ["K-####"]', "9:22: Five # in a row are needed"),
    ("customer_numbers: [K-#-#-#-#]", "9:22: Five # in a row are needed"),
    ('customer_numbers: ["(a+)+#####"]', "9:22: Write # for a digit, @ for a letter"),
    ('customer_numbers: ["K-########", "##########"]', "9:36: Any number would be a customer number. Begin with"),
    ('customer_numbers: ["@@-########"]', "9:22: Any number would be a customer number. Begin with"),
    ('customer_numbers: ["K---########"]', "9:22: Two signs at most may stand between"),
    (f'customer_numbers: ["K-{"#" * 40}"]', "9:22: This customer number is too long. At most 40 signs"),
    (f"customer_numbers: [{', '.join(['K-#####'] * 21)}]", "9:21: This list is too long. At most 20 are allowed."),
    ("customer_numbers: K-########", "9:21: A list is expected here"),
    ("customer_number: [K-########]", "9:3: Unknown key 'customer_number'. Did you mean 'customer_numbers'?"),
    ("regions: [UK]", "9:13: 'UK' is not allowed here. Allowed: 'AT', 'BE'"),
    ("regions: [DE, de]", "9:17: 'de' is not allowed here."),
]


@pytest.mark.parametrize(("line", "expected"), FAULTS)
def test_a_fault_is_told_with_its_place_and_a_remedy(faults, line, expected):
    told = faults({"brand.yaml": f"{BRAND}{CONTACT}personal_data:\n  {line}\n"})
    assert len(told) == 1
    assert told[0].startswith(f"brand.yaml:{expected}")


@pytest.mark.parametrize(
    "notation", ["K-########", "FV@@ ######", "5#########", "A #####", "@@1#####", "12/###/#####", "K_#.#.#.#.#"]
)
def test_a_notation_with_something_of_its_own_is_fine(write, notation):
    folder = write(
        {"brand.yaml": f"{BRAND}{CONTACT}personal_data: {{ customer_numbers: ['{notation}'], regions: [DE] }}\n"}
    )
    assert load(folder).brand.personal_data == PersonalDataRules(customer_numbers=(notation,), regions=("DE",))


def test_without_a_word_about_it_four_countries_count_and_no_customer_number(write):
    assert load(write()).brand.personal_data == PersonalDataRules(customer_numbers=(), regions=("DE", "AT", "CH", "GB"))


def test_the_demo_brand_has_customer_numbers_and_a_new_brand_does_not_inherit_them(tmp_path):
    assert load(starter_dir()).brand.personal_data.customer_numbers
    write_starter(tmp_path, "Nordlicht", {Platform.REPLAY: "nordlicht"}, [])
    assert load(tmp_path).brand.personal_data.customer_numbers == ()


@given(st.text(max_size=50))
def test_any_text_is_a_notation_or_gets_a_sentence(notation):
    fault = fault_of(notation)
    assert fault == "" or fault.endswith((".", "way."))
    assert bool(fault) or ("#####" in "".join(sign for sign in notation if sign not in " ./_-"))
