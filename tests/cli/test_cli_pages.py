"""pages: the public pages as files."""

import pytest
from programs import change

LEGAL = """
legal:
  operator: Fjordfon GmbH, Kiel
  imprint: https://fjordfon.example/impressum
  responsible_editor: Wiebke Petersen
  privacy_contact: datenschutz@fjordfon.example
  privacy_notice: { url: "https://fjordfon.example/datenschutz", version: "3" }
  public_pages: https://fjordfon.example/konto/
"""
FILES = {
    "about-this-account.de.html",
    "about-this-account.en.html",
    "verify.de.html",
    "verify.en.html",
    "pages.css",
}


@pytest.fixture
def told(earshot, house):
    """A brand that says who it is, its configuration in force."""
    with (house / "config" / "brand.yaml").open("a", encoding="utf-8") as file:
        file.write(LEGAL)
    assert earshot("ingest").code == 0
    return house


def test_both_pages_are_written_in_both_languages_with_their_style(earshot, told):
    said = earshot("pages", told / "website" / "konto")
    assert said.code == 0, said.err
    assert said.err == ""
    assert {path.name for path in (told / "website" / "konto").iterdir()} == FILES
    german = (told / "website" / "konto" / "about-this-account.de.html").read_text("utf-8")
    assert "Fjordfon GmbH, Kiel" in german
    assert "So arbeitet dieses Konto" in german
    assert 'href="verify.de.html"' in german


def test_the_pages_carry_the_houses_own_public_key(earshot, told):
    assert earshot("pages", told / "website").code == 0
    key = (told / "keys" / "signing.pub").read_text("ascii").split()[-1]
    assert f"--key {key}" in (told / "website" / "verify.en.html").read_text("utf-8")


def test_writing_again_brings_what_changed(earshot, told):
    assert earshot("pages", told / "website").code == 0
    change(told / "config" / "brand.yaml", "Wiebke Petersen", "Momme Jansen")
    assert earshot("ingest").code == 0
    assert earshot("pages", told / "website").code == 0
    assert "Momme Jansen" in (told / "website" / "about-this-account.en.html").read_text("utf-8")


def test_what_the_configuration_does_not_say_is_named(earshot, house):
    assert earshot("ingest").code == 0
    said = earshot("pages", house / "website")
    assert said.code == 0
    assert "brand.yaml lacks legal.operator (who operates the account), legal.imprint" in said.err


def test_without_a_database_or_a_configuration_in_force_it_says_what_to_run(earshot, folder):
    said = earshot("pages", folder / "website")
    assert said.code == 1
    assert "earshot init" in said.err
    assert not (folder / "website").exists()


def test_a_folder_that_cannot_be_written_is_named(earshot, told):
    (told / "website").write_text("a file")
    said = earshot("pages", told / "website")
    assert said.code == 3
    assert "website" in said.err
    assert (told / "website").read_text() == "a file"
