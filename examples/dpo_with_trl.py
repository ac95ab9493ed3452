"""DPO with TRL's own trainer: what a checker proves is preferred to what it finds wrong.

    python examples/dpo_with_trl.py

Labels 4-block Blocksworld. The chosen answer is a proved plan, the rejected one stops a step short of the goal:
it becomes a pair only if the checker finds it wrong. Trains the tiny model `nano` from scratch for 20 steps, and prints
how often and by how much (in TRL's implicit reward) it prefers the proved plan. Needs TRL: pip install trl
"""

import copy
import tempfile

import datasets
from transformers import PrinterCallback
from trl import DPOConfig, DPOTrainer

import neurosym as ns
from neurosym.models import nano


def preferences(records):
    """A pair for each record whose plan is wrong without its last step."""
    for record in records:
        short = record.completion.rpartition("\n")[0]
        if ns.judge(record, short).status is ns.Status.WRONG:
            yield {
                "prompt": [{"role": "user", "content": record.prompt}],
                "chosen": [{"role": "assistant", "content": record.completion}],
                "rejected": [{"role": "assistant", "content": short}],
            }


def main(folder):
    records = list(ns.annotate(ns.domain("blocksworld", blocks=4), count=200, seed=7))
    pairs = datasets.Dataset.from_list(list(preferences(records)))
    print(f"{len(pairs)} pairs of a proved and a wrong plan")
    model, tokenizer = nano.new([f"{record.prompt}\n{record.completion}" for record in records], seed=0)
    settings = DPOConfig(
        output_dir=folder,
        max_steps=20,
        per_device_train_batch_size=8,
        learning_rate=1e-3,
        logging_steps=5,
        gradient_checkpointing=False,
        use_cpu=True,
        bf16=False,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
    )
    reference = copy.deepcopy(model)
    trainer = DPOTrainer(model, ref_model=reference, args=settings, train_dataset=pairs, processing_class=tokenizer)
    trainer.remove_callback(PrinterCallback)
    trainer.train()
    for line in trainer.state.log_history[:-1]:
        accuracy, margin = float(line["rewards/accuracies"]), float(line["rewards/margins"])
        print(f"step {line['step']:3}: the proved plan is preferred in {accuracy:4.0%} of pairs, margin {margin:.2f}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        main(made)
