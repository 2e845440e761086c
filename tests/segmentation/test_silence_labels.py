import pytest

from prosodytok.segmentation.silence_labels import is_silence


@pytest.mark.parametrize(
    "label",
    [
        *("", " ", "SIL", "<p:>", "<P>", "#", "h#", "sp", "<nib>", "[breath]", "{B_TRANS}", "brth"),
        *("(.)", "(--)", "(0.4)", "(1,2 s)", "[noise]", "<SIL>", "<s>", "</s>", "...", "(Pause)"),
    ],
)
def test_silence_labels(label):
    assert is_silence(label)
    assert not is_silence(f"a{label}b")


@pytest.mark.parametrize(
    "label",
    ["<unk>", "spn", "<spn>", "xxx", "<usb>", "<laugh>", "(the)", "[p]", "a", "1984", "(a)"],
)
def test_labels_of_speech(label):
    assert not is_silence(label)


def test_further_labels():
    assert is_silence("XXX ", further=["xxx"])
    assert is_silence("sil", further=["xxx"])
    assert not is_silence("xx", further=["xxx"])
