"""How much a file from elsewhere may ask for; docs/trust.md explains the values.

Limits of the types themselves lie beside them: the longest utterance in `types.units`, sample rates
in `types.audio`, codebooks in `types.tokens`.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

#: One line of a token file in JSON Lines, or one row of one in Parquet (bytes).
MAX_LINE_BYTES = 64 << 20
#: A Parquet file of tokens without its compression (bytes).
MAX_TABLE_BYTES = 4 << 30

#: Names in one object of a record: of tiers, of the numbers of a register.
MAX_KEYS = 256

#: A TextGrid and a manifest (bytes).
MAX_TEXTGRID_BYTES, MAX_MANIFEST_BYTES = 64 << 20, 1 << 30
#: A config, of a checkpoint or of a training run (bytes).
MAX_CONFIG_BYTES = 1 << 20
#: Training configs that name each other as ``base:``.
MAX_BASES = 16

#: Weights of one network, and the list of its tensors (bytes).
MAX_WEIGHTS_BYTES, MAX_HEADER_BYTES = 4 << 30, 1 << 20
#: Channels of a network, its blocks in a row, and the steps between the taps of one.
MAX_WIDTH, MAX_BLOCKS, MAX_DILATION = 4096, 64, 4096

#: The same in a config: channels; blocks, and other counts within a block; dilations of a stack.
Width = Annotated[int, Field(ge=1, le=MAX_WIDTH)]
Count = Annotated[int, Field(ge=1, le=MAX_BLOCKS)]
Dilations = Annotated[
    tuple[Annotated[int, Field(ge=1, le=MAX_DILATION)], ...], Field(max_length=MAX_BLOCKS)
]


def _few(value: Any) -> Any:
    if isinstance(value, dict) and len(value) > MAX_KEYS:
        raise ValueError(f"{len(value)} keys, and at most {MAX_KEYS} are read")
    return value


#: Of a mapping: refused before each of its values is looked at, and complained of.
FewKeys = BeforeValidator(_few)
