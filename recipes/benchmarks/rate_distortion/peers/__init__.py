"""Peers: prosody codes other than ours, each an implementation of `peer.Peer`."""

from __future__ import annotations

from functools import partial

from .autoencoder import ConvAutoencoder
from .block_peers import BlockKMeans, F0Bins
from .network_peer import TrainedPeer
from .peer import STREAMS, Coded, Peer
from .transform_coders import RunTransformCoder, TransformCoder
from .word_peers import FiveNumbers, WordKMeans

__all__ = ["FAMILIES", "STREAMS", "Coded", "Peer", "TrainedPeer", "make_peers"]

F0_STREAMS = ("f0", "voicing")
#: Steps of the transform coders (semitones), fine to coarse: about 180 to 45 bit/s.
STEPS = {TransformCoder: (2.5, 3.2, 4.5, 6.5, 10.0), RunTransformCoder: (1.6, 2.0, 2.8, 4.5, 8.0)}
#: Name, steps of 80 ms per unit, and codebooks.
AUTOENCODERS = (
    ("conv autoencoder, 80 ms, 2 x 64", 1, (64, 64)),
    ("conv autoencoder, 320 ms, 2 x 128", 4, (128, 128)),
    ("conv autoencoder, 160 ms, 2 x 4096", 2, (4096, 4096)),
)
VQ_VAES = (
    ("F0 VQ-VAE, 1024 at 12.5 Hz", 1, (1024,)),
    ("F0 VQ-VAE, 512 at 6.25 Hz", 2, (512,)),
    ("F0 VQ-VAE, 20 at 12.5 Hz", 1, (20,)),
)
#: Lines of the figure, by class and streams of a peer.
FAMILIES = {
    ("TrainedPeer", STREAMS): "conv autoencoders",
    ("TrainedPeer", F0_STREAMS): "F0 VQ-VAEs",
    ("F0Bins", F0_STREAMS): "F0 bins",
    ("FiveNumbers", ("f0", "energy")): "five numbers a word",
    ("WordKMeans", STREAMS): "k-means",
    ("BlockKMeans", STREAMS): "k-means",
    ("TransformCoder", STREAMS): "transform coder",
    ("RunTransformCoder", STREAMS): "the same, voicing as runs",
}
#: Width of the networks without energy.
F0_DIM = 128


def make_peers(minutes: float) -> list[Peer]:
    """All peers, unfitted; autoencoders train for `minutes`, VQ-VAEs for half of that."""
    networks: list[Peer] = [
        TrainedPeer(name, partial(ConvAutoencoder, steps, sizes), sizes, STREAMS, minutes)
        for name, steps, sizes in AUTOENCODERS
    ]
    networks[1:1] = [
        TrainedPeer(
            name,
            partial(ConvAutoencoder, steps, sizes, channels=2, dim=F0_DIM),
            sizes,
            F0_STREAMS,
            minutes / 2,
        )
        for name, steps, sizes in VQ_VAES
    ]
    coders: list[Peer] = [make(step) for make, steps in STEPS.items() for step in steps]
    simple: list[Peer] = [F0Bins(), FiveNumbers(), WordKMeans(), BlockKMeans()]
    return [*simple, *coders, *networks]
