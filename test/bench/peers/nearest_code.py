"""Nearest code by PyTorch: argmin of |c|² − 2 z·c, the whole matrix at once or in chunks of rows."""

import torch
from contestant import hashed_values, options, serve, timed

z = hashed_values("z", (options["vectors"], options["width"]))
codebook = hashed_values("codebook", (options["codes"], options["width"]))
rows = options.get("chunkRows", options["vectors"])


def step():
    norms = codebook.square().sum(1)
    parts = [torch.addmm(norms, part, codebook.T, alpha=-2).argmin(1) for part in z.split(rows)]
    return torch.cat(parts)


def measured():
    ms, codes = timed(step)
    return ms, codes.double().mean().item()


how = "whole matrix" if rows == options["vectors"] else f"chunks of {rows} rows"
with torch.inference_mode():
    serve({"ready": f"PyTorch {torch.__version__}, addmm + argmin, {how}"}, measured)
