"""Greedy decoding by transformers: generate() with its default cache, float32."""

import time

import torch
import transformers
from contestant import options, serve
from smollm2 import load

model = load().eval()
prompt = torch.tensor([options["prompt"]])


class Clock:
    """A streamer that notes when each new token comes; the prompt comes first."""

    def __init__(self):
        self.tokens, self.times = [], []

    def put(self, value):
        self.tokens.append(value)
        self.times.append(time.perf_counter())

    def end(self):
        pass


def step():
    clock = Clock()
    model.generate(
        prompt,
        attention_mask=torch.ones_like(prompt),
        max_new_tokens=options["newTokens"],
        do_sample=False,
        eos_token_id=None,
        pad_token_id=0,
        streamer=clock,
    )
    new = [token.item() for token in clock.tokens[1:]]
    assert len(new) == options["newTokens"], f"{len(new)} tokens came"
    return (clock.times[-1] - clock.times[1]) * 1000, sum(new[: options["compared"]])


how = model.config._attn_implementation
serve({"ready": f"transformers {transformers.__version__}, PyTorch {torch.__version__}, {how} attention, float32"}, step)
