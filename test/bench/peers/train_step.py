"""The autoencoder of own/train-step.ts in PyTorch: eager, channels_last, Adam."""

import torch
import torch.nn.functional as F
from contestant import options, serve, timed
from torch import nn

torch.manual_seed(0)


class Residual(nn.Module):
    def __init__(self, source, target):
        super().__init__()
        self.norm0 = nn.GroupNorm(32, source, eps=1e-6)
        self.conv0 = nn.Conv2d(source, target, 3, padding=1)
        self.norm1 = nn.GroupNorm(32, target, eps=1e-6)
        self.conv1 = nn.Conv2d(target, target, 3, padding=1)
        self.skip = nn.Identity() if source == target else nn.Conv2d(source, target, 1)

    def forward(self, x):
        inner = self.conv0(F.silu(self.norm0(x)))
        return self.skip(x) + self.conv1(F.silu(self.norm1(inner)))


class Down(nn.Conv2d):
    def __init__(self, channels):
        super().__init__(channels, channels, 3, stride=2)

    def forward(self, x):
        return super().forward(F.pad(x, (0, 1, 0, 1)))


a, b, c = options["channels"]
width, codes = options["width"], options["codes"]
encoder = nn.Sequential(
    nn.Conv2d(3, a, 3, padding=1), Residual(a, a), Down(a), Residual(a, b), Down(b), Residual(b, c), nn.Conv2d(c, width, 1)
)
decoder = nn.Sequential(
    nn.Conv2d(width, c, 3, padding=1), Residual(c, c),
    nn.Upsample(scale_factor=2), nn.Conv2d(c, b, 3, padding=1), Residual(b, b),
    nn.Upsample(scale_factor=2), nn.Conv2d(b, a, 3, padding=1), Residual(a, a), nn.Conv2d(a, 3, 3, padding=1),
)
codebook = nn.Parameter((torch.rand(codes, width) * 2 - 1) / codes)
for module in (encoder, decoder):
    module.to(memory_format=torch.channels_last)
optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters(), codebook], lr=1e-4)
images = torch.rand(options["batch"], 3, options["side"], options["side"]).to(memory_format=torch.channels_last)


def step():
    z = encoder(images)
    n, d, h, w = z.shape
    flat = z.permute(0, 2, 3, 1).reshape(-1, d)
    distance = codebook.detach().square().sum(1) - 2 * flat.detach() @ codebook.detach().T
    q = codebook[distance.argmin(1)]
    straight = flat + (q - flat).detach()
    y = decoder(straight.reshape(n, h, w, d).permute(0, 3, 1, 2))
    loss = F.mse_loss(y, images) + 0.25 * F.mse_loss(flat, q.detach()) + F.mse_loss(q, flat.detach())
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    return loss.item()


parameters = sum(p.numel() for group in optimizer.param_groups for p in group["params"])
serve({"ready": f"PyTorch {torch.__version__}, channels_last, eager", "parameters": parameters}, lambda: timed(step))
