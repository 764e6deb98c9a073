"""Encoder and HQ quantizer of src-main/tokenizers in PyTorch: eager, channels_last, no gradients, the same weights."""

import torch
import torch.nn.functional as F
from contestant import hashed_values, options, serve, timed

channels, blocks, groups = options["channels"], options["residualBlocks"], options["groups"]
width, codes, side, batch = options["width"], options["codes"], options["side"], options["batch"]
weights = {}


def convolution(name, x, size, target, stride=1):
    source = x.shape[1]
    if name not in weights:
        bound = (size * size * source) ** -0.5
        kernel = hashed_values(f"{name}.kernel", (size, size, source, target), bound).permute(3, 2, 0, 1)
        weights[name] = (
            kernel.contiguous(memory_format=torch.channels_last),
            hashed_values(f"{name}.bias", (target,), bound),
        )
    if stride == 2:
        return F.conv2d(F.pad(x, (0, 1, 0, 1)), *weights[name], stride=2)
    return F.conv2d(x, *weights[name], padding=size // 2)


def norm(name, x):
    if name not in weights:
        weights[name] = (torch.ones(x.shape[1]), torch.zeros(x.shape[1]))
    return F.group_norm(x, groups, *weights[name], eps=1e-6)


def residual_block(name, x, target):
    inner = convolution(f"{name}.conv0", F.silu(norm(f"{name}.norm0", x)), 3, target)
    return x + convolution(f"{name}.conv1", F.silu(norm(f"{name}.norm1", inner)), 3, target)


def attention(name, x):
    n, c, h, w = x.shape
    q, k, v = convolution(f"{name}.qkv", norm(f"{name}.norm", x), 1, 3 * c).flatten(2).transpose(1, 2).chunk(3, dim=2)
    mixed = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(n, c, h, w)
    return x + convolution(f"{name}.out", mixed.contiguous(memory_format=torch.channels_last), 1, c)


def encode(x):
    x = convolution("encoder.conv_in", x, 3, channels[0])
    for level, target in enumerate(channels):
        if level > 0:
            x = convolution(f"encoder.down{level}", x, 3, target, stride=2)
        for block in range(blocks):
            x = residual_block(f"encoder.level{level}.res{block}", x, target)
    if options["attention"]:
        x = attention("encoder.attention", x)
    return convolution("encoder.conv_out", F.silu(norm("encoder.norm_out", x)), 1, width // 4)


def assign(x):
    """Codes [n · h · w] and their vectors as a map."""
    n, c, h, w = x.shape
    flat = x.permute(0, 2, 3, 1).reshape(-1, c)
    found = torch.addmm(codebook.square().sum(1), flat, codebook.T, alpha=-2).argmin(1)
    return found, codebook[found].reshape(n, h, w, c).permute(0, 3, 1, 2)


def step():
    h = encode(images)
    top, vectors = assign(F.pixel_unshuffle(h, 2))
    bottom, _ = assign(convolution("quantizer.up", h - F.pixel_shuffle(vectors, 2), 1, width))
    return torch.cat([top, bottom])


def measured():
    ms, found = timed(step)
    return ms, found.double().mean().item()


images = hashed_values("images", (batch, side, side, 3)).permute(0, 3, 1, 2)
codebook = hashed_values("codebook", (codes, width), (3 / width) ** 0.5)
with torch.inference_mode():
    step()
    serve({"ready": f"PyTorch {torch.__version__}, channels_last, eager"}, measured)
