"""Self-supervised feature extractors, behind one Protocol."""

from prosodytok.features.ssl.encoders import (
    HuggingFaceSSL,
    SSLEncoder,
    TorchaudioSSL,
    align_frames,
    load_ssl,
)

__all__ = ["HuggingFaceSSL", "SSLEncoder", "TorchaudioSSL", "align_frames", "load_ssl"]
