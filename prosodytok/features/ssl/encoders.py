"""Self-supervised feature extractors, behind one Protocol.

``bestrq`` and ``mel`` are part of the package; models of Hugging Face need
``pip install 'prosodytok[ssl]'``, and bundles of torchaudio ``'prosodytok[torchaudio]'``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from prosodytok.features.blocks import blocks
from prosodytok.features.ssl.torchaudio_import import import_torchaudio
from prosodytok.types.audio import Audio
from prosodytok.types.errors import CheckpointError, ConfigError, require
from prosodytok.types.units import frame_times, samples_to_frames

Array = NDArray[np.float32]

#: Window and hop of the filter bank that is w2v-BERT's input (samples at 16 kHz).
FBANK_WINDOW, FBANK_HOP = 400, 160
#: Window and hop of wav2vec 2.0 and its successors: 25 ms every 20 ms at 16 kHz.
WAV2VEC2_WINDOW, WAV2VEC2_HOP = 400, 320
#: Frames per block (30 s at 50 Hz): the cost of attention is quadratic.
BLOCK_FRAMES = 1500
#: Prefix of the name of a torchaudio bundle.
TORCHAUDIO_PREFIX = "torchaudio:"
#: Names of the bundled encoder, its prefix before a folder, and log-mel features.
BESTRQ, BESTRQ_PREFIX, MEL = "bestrq", "bestrq:", "mel"


class SSLEncoder(Protocol):
    """A feature extractor: sound to a sequence of embeddings."""

    @property
    def name(self) -> str:
        """Name of the model."""

    @property
    def frame_rate(self) -> float:
        """Embeddings per second (Hz); the i-th is centred at ``(i + 0.5) / frame_rate`` s."""

    @property
    def dim(self) -> int:
        """Size D of one embedding."""

    def __call__(self, audio: Audio) -> Array:
        """Embed a sound: (T', D) float32, T' its duration rounded to frames, at least one."""


class _TransformerSSL(ABC):
    """Common base: padding to the grid, blocks, and the choice of a layer."""

    def __init__(self, name: str, layer: int, sample_rate: int, window: int, hop: int) -> None:
        self.name = name
        self.layer = layer
        self._sample_rate = sample_rate
        self._window = window
        self._hop = hop
        layers = self._layers(np.zeros(window, dtype=np.float32))
        if not 1 <= abs(layer) <= len(layers):
            raise ConfigError(f"{name} has layers 1 to {len(layers)} (-1 is the last), not {layer}")
        self.dim = int(layers[0].shape[1])

    @abstractmethod
    def _layers(self, samples: Array) -> list[Array]:
        """Outputs (T', D) of all transformer layers, first to last."""

    @property
    def frame_rate(self) -> float:
        """Embeddings per second (Hz)."""
        return self._sample_rate / self._hop

    def __call__(self, audio: Audio) -> Array:
        """Embed a sound; see `SSLEncoder`."""
        samples = audio.resample(self._sample_rate).samples
        num_frames = samples_to_frames(samples.size, self._sample_rate, self.frame_rate)
        # Half the difference of window and hop on both sides centres frame i at (i + 0.5) hops.
        margin = (self._window - self._hop) // 2
        padded = np.zeros(num_frames * self._hop + 2 * margin, dtype=np.float32)
        inner = padded[margin : padded.size - margin]
        inner[: samples.size] = samples[: inner.size]
        return np.concatenate(
            [
                self._embed(padded[block.start * self._hop : block.end * self._hop + 2 * margin])
                for block in blocks(num_frames, BLOCK_FRAMES)
            ]
        )

    def _embed(self, samples: Array) -> Array:
        return self._layers(samples)[self.layer - 1 if self.layer > 0 else self.layer]


class HuggingFaceSSL(_TransformerSSL):
    """wav2vec 2.0, HuBERT, WavLM, w2v-BERT 2.0 and similar models, from Hugging Face or a folder.

    Parameters
    ----------
    name_or_path : str or path
        E.g. ``"facebook/w2v-bert-2.0"``, or a folder that `save_pretrained` wrote.
    layer : int
        Transformer layer to read, from 1; -1 is the last.

    Raises
    ------
    CheckpointError
        If the model is not on this machine and the hub cannot be reached, or does not load.
    ConfigError
        If there is no such layer.
    MissingExtraError
        If transformers is not installed.

    References
    ----------
    A. Baevski et al., "wav2vec 2.0: a framework for self-supervised learning of speech
    representations", NeurIPS 2020.
    W.-N. Hsu et al., "HuBERT: self-supervised speech representation learning by masked prediction
    of hidden units", TASLP 2021.
    S. Chen et al., "WavLM: large-scale self-supervised pre-training for full stack speech
    processing", JSTSP 2022.
    Seamless Communication, "Seamless: multilingual expressive and streaming speech translation",
    arXiv:2312.05187, 2023 (w2v-BERT 2.0).
    """

    def __init__(self, name_or_path: str | Path, layer: int = -1) -> None:
        self._preprocess, self._model = _load_hugging_face(str(name_or_path))
        window, hop = _window_and_hop(self._model.config, self._preprocess)
        super().__init__(
            str(name_or_path), layer, self._preprocess.sampling_rate, window=window, hop=hop
        )

    def _layers(self, samples: Array) -> list[Array]:
        from prosodytok.inference import inference

        with inference():
            inputs = self._preprocess(
                samples, sampling_rate=self._preprocess.sampling_rate, return_tensors="pt"
            )
            output = self._model(**inputs, output_hidden_states=True)
        # The first hidden state is the transformer's input.
        return [layer[0].numpy() for layer in output.hidden_states[1:]]


class TorchaudioSSL(_TransformerSSL):
    """wav2vec 2.0, HuBERT or WavLM from a bundle of torchaudio.

    Parameters
    ----------
    bundle : str
        Name in `torchaudio.pipelines`: ``"WAV2VEC2_BASE"``, ``"HUBERT_BASE"``, ``"WAVLM_BASE"``
    layer : int
        Transformer layer to read, from 1; -1 is the last.

    Raises
    ------
    CheckpointError
        If the weights are not on this machine and cannot be downloaded.
    ConfigError
        If there is no such bundle or layer.
    MissingExtraError
        If torchaudio is not installed.
    """

    def __init__(self, bundle: str = "WAV2VEC2_BASE", layer: int = -1) -> None:
        self._model, sample_rate = _load_bundle(bundle)
        super().__init__(bundle, layer, sample_rate, window=WAV2VEC2_WINDOW, hop=WAV2VEC2_HOP)

    def _layers(self, samples: Array) -> list[Array]:
        import torch

        from prosodytok.inference import inference

        with inference():
            layers, _ = self._model.extract_features(torch.from_numpy(samples)[None])
        return [layer[0].numpy() for layer in layers]


def load_ssl(name: str) -> SSLEncoder:
    """Load an encoder by the string that names it in a configuration.

    Parameters
    ----------
    name : str
        ``"bestrq"``, the bundled encoder (`BestRQEncoder`), or ``"bestrq:DIR"``, one from a
        folder; ``"mel"``, plain log-mel features (`MelEncoder`); a Hugging Face name or a folder
        (``"facebook/w2v-bert-2.0"``), or a bundle of torchaudio (``"torchaudio:HUBERT_BASE"``).
        ``"@9"`` at the end of the last two chooses a layer, else it is the last.

    Raises
    ------
    CheckpointError, ConfigError, MissingExtraError
        As `BestRQEncoder`, `HuggingFaceSSL` and `TorchaudioSSL`.
    """
    if name in (MEL, BESTRQ) or name.startswith(BESTRQ_PREFIX):
        return _load_own(name)
    model, at, number = name.rpartition("@")
    is_layer = at and number.lstrip("-").isdecimal()
    model, layer = (model, int(number)) if is_layer else (name, -1)
    if model.startswith(TORCHAUDIO_PREFIX):
        return TorchaudioSSL(model.removeprefix(TORCHAUDIO_PREFIX), layer)
    return HuggingFaceSSL(model, layer)


def _load_own(name: str) -> SSLEncoder:
    # Both need torch, which reading tokens does not.
    from prosodytok.features.mel import MelEncoder
    from prosodytok.features.ssl.bestrq import BestRQEncoder

    if name == MEL:
        return MelEncoder()
    folder = name.removeprefix(BESTRQ_PREFIX) if name.startswith(BESTRQ_PREFIX) else None
    if folder == "":
        raise ConfigError(f"{name!r} names no folder: 'bestrq:DIR', or 'bestrq' for the bundled")
    return BestRQEncoder(folder)


def align_frames(
    embeddings: Array, frame_rate: float, target_rate: float, num_frames: int
) -> Array:
    """Resample embeddings to another frame rate, by linear interpolation with held ends.

    Parameters
    ----------
    embeddings : (T', D) float32
        Embeddings at `frame_rate` (Hz).
    target_rate : float
        Frames per second wanted (Hz), e.g. `units.FRAME_RATE`.
    num_frames : int
        Number T of frames wanted.

    Returns
    -------
    (T, D) float32
    """
    times = frame_times(num_frames, target_rate)
    left, right, weight = frames_around(times, len(embeddings), frame_rate)
    return np.asarray((1 - weight) * embeddings[left] + weight * embeddings[right])


def frames_around(
    times: NDArray[np.floating[Any]], num_frames: int, frame_rate: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], Array]:
    """Indices of the frames before and after times (T,), and the weight of the latter, (T, 1)."""
    place = np.clip(times * frame_rate - 0.5, 0, num_frames - 1)
    left = np.floor(place).astype(np.int64)
    weight = (place - left)[:, None].astype(np.float32)
    return left, np.minimum(left + 1, num_frames - 1), weight


def _load_hugging_face(name: str) -> tuple[Any, Any]:
    """Load the feature extractor and the model: local files first, then the hub."""
    from prosodytok.inference import tensors_on_cpu

    transformers = _import_transformers()

    def load(local_files_only: bool) -> tuple[Any, Any]:
        preprocess = transformers.AutoFeatureExtractor.from_pretrained(
            name, local_files_only=local_files_only
        )
        with tensors_on_cpu():
            model = transformers.AutoModel.from_pretrained(name, local_files_only=local_files_only)
        return preprocess, model.float().eval()

    try:
        return load(local_files_only=True)
    except Exception as missing:
        if Path(name).exists():
            raise CheckpointError(
                f"{name}: not a model that transformers can load: {missing}"
            ) from missing
    try:
        # One quick request first: from_pretrained retries for minutes without a network.
        require("huggingface_hub", "ssl").model_info(name, timeout=10)
        return load(local_files_only=False)
    # The hub's HTTP library, and with it the class of its errors, differs between releases.
    except Exception as error:
        raise CheckpointError(
            f"{name}: no such folder, not in the Hugging Face cache ({_hub_cache()}), and not "
            f"available from https://huggingface.co ({error}). With a network, run: "
            f"hf download {name} --local-dir DIR; copy DIR here and give its path as the name"
        ) from error


def _import_transformers() -> Any:
    # It imports torchaudio if that is installed, which may fail.
    if find_spec("torchaudio"):
        import_torchaudio()
    return require("transformers", "ssl")


def _hub_cache() -> str:
    return str(require("huggingface_hub", "ssl").constants.HF_HUB_CACHE)


def _window_and_hop(config: Any, preprocess: Any) -> tuple[int, int]:
    """Samples of one embedding's window, and from one embedding to the next."""
    if not hasattr(config, "conv_stride"):
        stride = preprocess.stride
        return FBANK_WINDOW + (stride - 1) * FBANK_HOP, stride * FBANK_HOP
    window, hop = 1, 1
    for kernel, stride in zip(config.conv_kernel, config.conv_stride, strict=True):
        window += (kernel - 1) * hop
        hop *= stride
    return window, hop


def _load_bundle(name: str) -> tuple[Any, int]:
    import torch

    from prosodytok.inference import tensors_on_cpu

    pipelines = import_torchaudio().pipelines
    bundle = getattr(pipelines, name, None)
    if not isinstance(bundle, pipelines.Wav2Vec2Bundle):
        known = [
            n
            for n in pipelines.__all__
            if isinstance(getattr(pipelines, n), pipelines.Wav2Vec2Bundle)
        ]
        raise ConfigError(f"torchaudio has no bundle {name!r}; the bundles are {', '.join(known)}")
    if torch.get_default_dtype() != torch.float32:
        raise ConfigError(
            f"torchaudio makes its models in torch's default dtype, {torch.get_default_dtype()}: "
            "call torch.set_default_dtype(torch.float32) before loading"
        )
    try:
        with tensors_on_cpu():
            return bundle.get_model(), int(bundle.sample_rate)
    except (OSError, RuntimeError) as error:
        url = f"https://download.pytorch.org/torchaudio/models/{bundle._path}"
        folder = Path(torch.hub.get_dir()) / "checkpoints"
        raise CheckpointError(
            f"{name}: its weights are not available ({error}). With a network, download "
            f"{url} and put it into {folder}"
        ) from error
