"""Size limits for untrusted files; docs/trust.md explains the values.

Limits of the data types are defined with them: duration in `types.units`, sample rates in
`types.audio`, codebooks in `types.tokens`.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

#: Line of a JSON Lines token file, or row of a Parquet token file (bytes).
MAX_LINE_BYTES = 64 << 20
#: Sound from a pipe, which is copied to a temporary file (bytes).
MAX_PIPE_BYTES = 4 << 30
#: Uncompressed size of a Parquet token file (bytes).
MAX_TABLE_BYTES = 4 << 30

#: Keys of one object in a record, such as the tiers or the register.
MAX_KEYS = 256

#: TextGrid and manifest files (bytes).
MAX_TEXTGRID_BYTES, MAX_MANIFEST_BYTES = 64 << 20, 1 << 30
#: Config file of a checkpoint or a training run (bytes).
MAX_CONFIG_BYTES = 1 << 20
#: Length of a chain of training configs linked by ``base:``.
MAX_BASES = 16

#: Weights file of one network, and the header that lists its tensors (bytes).
MAX_WEIGHTS_BYTES, MAX_HEADER_BYTES = 4 << 30, 1 << 20
#: Channels, blocks and dilation of a network.
MAX_WIDTH, MAX_BLOCKS, MAX_DILATION = 4096, 64, 4096

#: The same limits as types of config fields: channels; blocks and kernel sizes; dilations.
Width = Annotated[int, Field(ge=1, le=MAX_WIDTH)]
Count = Annotated[int, Field(ge=1, le=MAX_BLOCKS)]
Dilations = Annotated[
    tuple[Annotated[int, Field(ge=1, le=MAX_DILATION)], ...], Field(max_length=MAX_BLOCKS)
]


def _check_keys(value: Any) -> Any:
    if isinstance(value, dict) and len(value) > MAX_KEYS:
        raise ValueError(f"{len(value)} keys, and at most {MAX_KEYS} are read")
    return value


#: Annotation of a mapping: limits its keys before any value is validated.
FewKeys = BeforeValidator(_check_keys)
