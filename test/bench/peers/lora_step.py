"""One LoRA step by PEFT: float32 base, no gradient checkpointing, AdamW on A and B, the library's default attention."""

import peft
import torch
from contestant import options, serve, timed
from smollm2 import load

torch.manual_seed(0)
model = peft.get_peft_model(
    load(),
    peft.LoraConfig(
        r=options["rank"],
        lora_alpha=options["alpha"],
        lora_dropout=0.0,
        target_modules=["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"],
        task_type="CAUSAL_LM",
    ),
)
model.train()
trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
optimizer = torch.optim.AdamW(trained, lr=1e-4, weight_decay=0.01)
tokens = torch.tensor([options["tokens"]])


def step():
    loss = model(input_ids=tokens, labels=tokens, use_cache=False).loss
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    return loss.item()


how = model.config._attn_implementation
ready = f"PEFT {peft.__version__}, PyTorch {torch.__version__}, {how} attention, float32"
serve({"ready": ready, "parameters": sum(parameter.numel() for parameter in trained)}, lambda: timed(step))
