"""Protobuf's JSON form as the real server speaks it: what it accepts, what it writes, and its error texts.

``google.protobuf.json_format`` differs from protobuf-go in all three, so this is code of our own over the descriptors.
"""

from fake_kfp.api.protojson.decode import decode, decode_value
from fake_kfp.api.protojson.encode import encode, encode_text
from fake_kfp.api.protojson.errors import DecodeError, EncodeError

__all__ = ["DecodeError", "EncodeError", "decode", "decode_value", "encode", "encode_text"]
