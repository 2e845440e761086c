"""Codes of phrases and words in their own time, fitted so that they are identities.

Before the network is trained, the encoder and the codebooks of each such level are fitted alone, on
single units: a residual VQ autoencoder of a unit's curves, in which a changed copy of the sound has
to choose the codes of the original. A thousand units make an update, which takes milliseconds.

References
----------
I. Gat et al., "Augmentation invariant discrete representation for generative spoken language
modeling", IWSLT 2023: cross-entropy of a changed copy's units against those of the original.
X. Ji et al., "Invariant information clustering for unsupervised image classification and
segmentation", ICCV 2019: the entropy of the clusters' use is kept high.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from prosodytok.nn.config import LevelConfig
from prosodytok.nn.distortion import cell_cost
from prosodytok.nn.network import ProsodyNetwork
from prosodytok.nn.quantizer import squared_distances, trainable_vq
from prosodytok.nn.unit_level import UnitLevel, three_layers
from prosodytok.nn.unit_points import GRIDS
from prosodytok.training.config import UnitCodesConfig
from prosodytok.training.feature_cache import CachedUtterance
from prosodytok.training.parallel_map import show_progress
from prosodytok.training.unit_pairs import UnitPairs, unit_pairs
from prosodytok.training.word_descriptors import DESCRIPTORS, describe_words
from prosodytok.types.errors import ConfigError
from prosodytok.types.prosody import Prosody

#: Share of the average use below which a code is replaced; weight of the commitment loss.
DEAD_SHARE, COMMITMENT = 0.1, 0.25
#: Consistency weighs less by this in the codebooks after the first, which code detail.
DETAIL = 6.0
#: Standard scores of descriptors are limited to this.
OUTLIER = 3.0


def fit_unit_codes(
    network: ProsodyNetwork,
    utterances: Sequence[CachedUtterance],
    copies: Mapping[str, Sequence[Prosody]],
    config: UnitCodesConfig,
    seed: int,
) -> None:
    """Fit each level in its own time that is not fitted yet.

    Parameters
    ----------
    network : ProsodyNetwork
        Its levels are changed in place.
    utterances : sequence of CachedUtterance
        Training speech.
    copies : mapping of str to sequence of Prosody
        Changed copies of the utterances, by id; an utterance without copies is its own.
    config : UnitCodesConfig
        Parameters of the fit.
    seed : int
        Random seed.

    Raises
    ------
    ConfigError
        If there are fewer units than codes.
    """
    for level in network.config.levels:
        if level.own_time:
            fitted = cast(UnitLevel, network.encoder.levels[level.name])
            if not any(book.any() for book in fitted.quantizer.codebooks):
                pairs = unit_pairs(utterances, copies, level.name, config.jitter, seed)
                UnitCodesFit(fitted, level, config).run(pairs, seed)


class UnitCodesFit:
    """The fit of one level: its encoder, its codebooks, and decoders that are not kept.

    The first components of a word's vector are its descriptors (`training.word_descriptors`), which
    the encoder has to find in changed copies too. The first codebook divides these alone, the
    others divide the remaining components, which are free.

    Parameters
    ----------
    level : UnitLevel
        The level, changed in place.
    shape : LevelConfig
        Its configuration.
    config : UnitCodesConfig
        Parameters of the fit.
    """

    def __init__(self, level: UnitLevel, shape: LevelConfig, config: UnitCodesConfig) -> None:
        self.level, self.config, self.name = level, config, shape.name
        self.encoder, self.grid = level.encoder, GRIDS[shape.name]
        self.dim = shape.codebook_dim
        described = len(DESCRIPTORS) if self.name == "word" else 0
        first, *others = shape.codebook_sizes
        sizes = (first - level.quantizer.first_code, *others)
        parts = [slice(described if described else None)] + [slice(described, None)] * len(others)
        self.books = [
            _Book(
                part,
                _one_vq(shape, size, len(range(self.dim)[part]), config.batch),
                free=part.stop is None,
            )
            for size, part in zip(sizes, parts, strict=True)
        ]
        self.decoders = nn.ModuleList(
            three_layers(self.dim + 1, shape.hidden, 3 * self.grid.inside) for _ in sizes
        )

    def run(self, pairs: UnitPairs, seed: int) -> None:
        """Fit the level to units, and write encoder and codebooks into it."""
        most = max(self.level.quantizer.codebook_sizes)
        if len(pairs.points) < most:
            raise ConfigError(
                f"{len(pairs.points)} units of level {self.name!r} are too few for {most} codes: "
                "use more speech, or smaller codebook_sizes"
            )
        self.encoder.mean.copy_(pairs.points.mean(0))
        self.encoder.scale.copy_(pairs.points.std(0) + 1e-3)
        descriptors = self._descriptors(pairs.points)
        self.encoder.requires_grad_(True)
        parameters = [*self.encoder.parameters(), *self.decoders.parameters()]
        config, generator = self.config, torch.Generator().manual_seed(seed)
        optimizer = torch.optim.AdamW(parameters, config.learning_rate, weight_decay=0.01)
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, config.learning_rate, config.steps, pct_start=0.05
        )
        for _ in show_progress(range(config.steps), f"codes of level {self.name}"):
            rows = torch.randint(len(pairs.points), (config.batch,), generator=generator)
            columns = (pairs.points, pairs.changed, pairs.scale, descriptors)
            loss = self._loss(*(column[rows] for column in columns))
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(parameters, 1.0)
            optimizer.step()
            schedule.step()
        self.encoder.requires_grad_(False)
        self._write_codebooks(pairs.pauses)

    def _descriptors(self, points: Tensor) -> Tensor:
        """Standardised targets (N, D) of the first components; none for phrases."""
        if self.name != "word":
            return points[:, :0]
        found = describe_words(points)
        return ((found - found.mean(0)) / found.std(0)).clamp(-OUTLIER, OUTLIER)

    def _loss(self, points: Tensor, changed: Tensor, scale: Tensor, descriptors: Tensor) -> Tensor:
        vectors, moved = self.encoder(points), self.encoder(changed)
        described = descriptors.shape[1]
        terms = [
            self.config.descriptors
            * (found[:, :described] - descriptors).square().sum()
            / len(found)
            for found in (vectors, moved)
        ]
        total = torch.zeros_like(vectors)
        for stage, book in enumerate(self.books):
            own, other = (vectors - total)[:, book.part], (moved - total)[:, book.part]
            _, codes, commitment = book.vq(own[None])
            codes = codes[0, :, 0]
            total = total + book.vectors(self.dim)[codes]
            straight = vectors + (total - vectors).detach()
            last = stage + 1 == len(self.books)
            terms += [
                COMMITMENT * commitment.sum(),
                self._identity(stage, own, other, book.codebook, codes),
                (1.0 if last else self.config.first)
                * self._distortion(stage, straight, points, scale),
            ]
        return torch.stack(terms).sum()

    def _identity(
        self, stage: int, own: Tensor, other: Tensor, book: Tensor, codes: Tensor
    ) -> Tensor:
        """Cross-entropy of copies' codes, less the entropy of all codes' use."""
        near, far = squared_distances(own, book), squared_distances(other, book)
        heat = near.min(1).values.mean().detach().clamp(min=1e-6)
        use = ((-near / heat).softmax(1).mean(0) + (-far / heat).softmax(1).mean(0)) / 2
        entropy = -(use * (use + 1e-9).log()).sum()
        agreement = F.cross_entropy(-far / heat, codes)
        weight = self.config.consistency / (1 if stage == 0 else DETAIL)
        return weight * agreement - self.config.entropy * entropy

    def _distortion(self, stage: int, vectors: Tensor, points: Tensor, scale: Tensor) -> Tensor:
        """Error of the curves that are decoded from the first codebooks and the length."""
        length = (points[:, -1:] - self.encoder.mean[-1]) / self.encoder.scale[-1]
        decoded = self.decoders[stage](torch.cat([vectors, length], dim=1))
        target = points[:, :-1].view(len(points), -1, 3)[:, self.grid.own_cells]
        return cell_cost(decoded.view_as(target), target, scale)

    @torch.no_grad()
    def _write_codebooks(self, pauses: Tensor) -> None:
        """Copy the codebooks; the vector of code 0 of words is that of the mean pause.

        Free components are centred and scaled to a deviation of 1: distances of vectors far from
        0 lose precision, and the decoder's other inputs have this scale too.
        """
        quantizer, free = self.level.quantizer, [book for book in self.books if book.free]
        centre, scale = torch.zeros(self.dim), torch.ones(self.dim)
        if free:
            vectors, part = free[0].codebook, free[0].part
            centre[part] = vectors.mean(0)
            scale[part] = (vectors - vectors.mean(0)).square().mean().sqrt()
        last = cast(nn.Linear, self.encoder.layers[-1])
        last.weight.div_(scale[:, None])
        last.bias.sub_(centre).div_(scale)
        for index, (own, book) in enumerate(zip(quantizer.codebooks, self.books, strict=True)):
            first = quantizer.first_code if index == 0 else 0
            offset = centre if free and book is free[0] else torch.zeros(self.dim)
            own[first:] = (book.vectors(self.dim) - offset) / scale
            if first and len(pauses):
                own[0] = self.encoder(pauses).mean(0)


@dataclass(frozen=True)
class _Book:
    """A codebook in training, and the components of the vectors that it divides.

    `free` components are not bound to descriptors.
    """

    part: slice
    vq: Any
    free: bool

    @property
    def codebook(self) -> Tensor:
        """Vectors (C, d') of the codes."""
        return cast(Tensor, self.vq.layers[0].codebook.detach())

    def vectors(self, dim: int) -> Tensor:
        """The same with 0 in all other components: (C, dim)."""
        vectors = self.codebook.new_zeros(len(self.codebook), dim)
        vectors[:, self.part] = self.codebook
        return vectors


def _one_vq(shape: LevelConfig, size: int, dim: int, batch: int) -> Any:
    """The quantizer of one codebook, whose vectors are used without a projection."""
    changes = {"codebook_sizes": (size,), "codebook_dim": dim}
    changes |= {"dead_code_threshold": DEAD_SHARE * batch / size}
    return trainable_vq(dim, shape.model_copy(update=changes))
