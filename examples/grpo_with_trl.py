"""GRPO with TRL's own trainer: the checker's verdict is the reward.

    python examples/grpo_with_trl.py

Labels small graph colorings, trains the tiny model `nano` on them for half a minute so that it knows what an answer
looks like, and hands it to TRL's GRPOTrainer with `neurosym.reward`: 1 for an answer that is proved, 0 for one that is
wrong or malformed, None for one that is undecided. The lake is the data set as it is: TRL passes its columns on. Prints
the mean reward of each step, and what became of the answers. Six steps show how the parts fit together; to get better
takes some hundreds. Needs TRL: pip install trl
"""

import tempfile

import datasets
from transformers import PrinterCallback
from trl import GRPOConfig, GRPOTrainer

import neurosym as ns


def main(folder):
    lake = ns.Lake(f"{folder}/lake")
    print(lake.write(ns.annotate(ns.domain("graph_coloring", vertices=7, colors=7, density=145), count=100, seed=7)))
    start = ns.train(lake, base="nano", out=f"{folder}/start", steps=30, batch_tokens=2048, validity_problems=0)
    rows = datasets.load_dataset(lake.location, split="train", cache_dir=f"{folder}/cache")
    settings = GRPOConfig(
        output_dir=f"{folder}/grpo",
        max_steps=6,
        num_generations=8,
        per_device_train_batch_size=32,
        max_completion_length=16,
        learning_rate=3e-4,
        logging_steps=1,
        gradient_checkpointing=False,
        use_cpu=True,
        bf16=False,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
    )
    trainer = GRPOTrainer(str(start.path), reward_funcs=ns.reward, args=settings, train_dataset=rows)
    trainer.remove_callback(PrinterCallback)
    trainer.train()
    for line in trainer.state.log_history[:-1]:
        shares = ", ".join(f"{float(line[f'neurosym/{status}']):4.0%} {status}" for status in ns.Status)
        print(f"step {line['step']}: mean reward {float(line['reward']):.2f}; {shares}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        main(made)
