"""Names: what people may call themselves."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.access import NAME_MAX, AccessRefused, RefusalCode, clean_name, clean_slug


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("Ana", "Ana"),
        ("  Ana   María  ", "Ana María"),
        ("Andre\u0301", "André"),
        ("محمد علی", "محمد علی"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("王小明", "王小明"),
        ("O'Neil-Söderström (BE)", "O'Neil-Söderström (BE)"),
        ("<b>Ana</b>", "<b>Ana</b>"),
        ("x" * 64, "x" * 64),
        ("\U0001f468\u200d\U0001f33e", "\U0001f468\u200d\U0001f33e"),
    ],
)
def test_good_names_come_out_in_nfc_with_single_spaces(given_name: str, shown: str) -> None:
    assert clean_name(given_name) == shown


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "   ",
        "x" * 65,
        "x" * 100_000,
        "Ana\n",
        "Ana\x00",
        "Ana\u202egpj.exe",
        "\u2066Ana\u2069",
        "\u200b",
        "\u200d",
        "\u0301",
        "\ud800",
        "\ufeffAna",
        "Ana\u2028",
        "\ue000",
    ],
)
def test_names_that_deceive_or_break_are_refused(bad: str) -> None:
    with pytest.raises(AccessRefused) as refused:
        clean_name(bad)
    assert refused.value.code is RefusalCode.NAME_INVALID


@given(st.text(st.characters(), max_size=300))
def test_any_text_is_cleaned_or_refused_and_cleaning_again_changes_nothing(text: str) -> None:
    try:
        name = clean_name(text)
    except AccessRefused:
        return
    assert 1 <= len(name) <= NAME_MAX
    assert clean_name(name) == name
    assert unicodedata.is_normalized("NFC", name)
    assert not any(unicodedata.category(character) in ("Cc", "Cs") for character in name)


@pytest.mark.parametrize("slug", ["law", "law-2", "a", "0" * 64])
def test_good_slugs_pass(slug: str) -> None:
    assert clean_slug(slug) == slug


@pytest.mark.parametrize("slug", ["", "Law", "law_2", "-law", "law-", "../x", "law\n", "é", "a" * 65])
def test_slugs_that_do_not_fit_an_address_are_refused(slug: str) -> None:
    with pytest.raises(AccessRefused) as refused:
        clean_slug(slug)
    assert refused.value.code is RefusalCode.INVALID
