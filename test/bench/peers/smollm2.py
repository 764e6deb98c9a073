"""SmolLM2 from a GGUF file: weights dequantised to float32."""

import os

import torch
from contestant import options
from transformers import AutoModelForCausalLM
from transformers.utils import logging

logging.set_verbosity_error()
logging.disable_progress_bar()


def load():
    folder, file = os.path.split(options["model"])
    return AutoModelForCausalLM.from_pretrained(folder, gguf_file=file, dtype=torch.float32)
