"""`nano`: a Llama of half a million parameters from scratch, with a tokenizer of its own: for tests, and for seeing a
model learn within a minute.

The tokenizer is a byte-level BPE of at most 512 tokens (Sennrich, Haddow and Birch, ACL 2016), made from the texts that
are learned from. Words never join their neighbours, and each digit is a token of its own; any text can be written, if
need be byte by byte.

Contract: the same texts, in any order of their repetitions, and the same seed make the same weights and tokenizer.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from neurosym.errors import UsageError

CONTEXT = 1024
VOCABULARY = 512

PAD, END, USER, ASSISTANT, SYSTEM = "<|pad|>", "<|end|>", "<|user|>", "<|assistant|>", "<|system|>"
SPECIAL = (PAD, END, USER, ASSISTANT, SYSTEM)

CHAT_TEMPLATE = (
    "{% for message in messages %}{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)

WORD = r"[ (?:]?\p{L}+(?:[-_]\p{L}+)*|\p{N}| ?[^\s\p{L}\p{N}]+\n*|\s*\n+|\s+"
"""What one token spans at most: a word with the space or bracket before it, a digit, or a run of signs."""

DEVIATION = 0.06
"""Standard deviation of the first weights: with the usual 0.02 so narrow a model takes twice as long to start."""


def new(texts: Iterable[str], seed: int, context: int = CONTEXT) -> tuple[Any, Any]:
    """A model with random weights, and its tokenizer. Raises UsageError without texts to make the tokenizer from."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    tokenizer = _tokenizer(texts, context)
    end, pad = tokenizer.convert_tokens_to_ids([END, PAD])
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=128,
        intermediate_size=256,
        num_hidden_layers=3,
        num_attention_heads=8,
        num_key_value_heads=8,
        max_position_embeddings=context,
        tie_word_embeddings=True,
        initializer_range=DEVIATION,
        bos_token_id=None,
        eos_token_id=end,
        pad_token_id=pad,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = LlamaForCausalLM(config).to(torch.float32)
    model.generation_config.eos_token_id, model.generation_config.pad_token_id = end, pad
    return model, tokenizer


def _tokenizer(texts: Iterable[str], context: int) -> Any:
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(WORD), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ])  # fmt: skip
    made.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY, special_tokens=list(SPECIAL), initial_alphabet=alphabet, show_progress=False
    )
    distinct = sorted(set(texts))
    if not distinct:
        raise UsageError("nano makes its tokenizer from training texts, and there are none")
    made.train_from_iterator(distinct, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=made,
        pad_token=PAD,
        eos_token=END,
        chat_template=CHAT_TEMPLATE,
        model_max_length=context,
        clean_up_tokenization_spaces=False,
    )
