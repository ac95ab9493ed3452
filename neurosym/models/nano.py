"""A Llama of about half a million parameters from scratch: for tests, and for seeing a model learn in a minute.

Its tokenizer is byte-level BPE (tokenizers) that takes a whole word of its vocabulary as it is (`ignore_merges`), and
spells any other word in bytes. So its vocabulary needs no fragments of words: it is the bytes, the letters that name
things, and the words that shorten the given texts most.

Contract: the same texts, seed and context make the same model and the same tokenizer, bit for bit, on one processor.
"""

from __future__ import annotations

import string
from collections import Counter
from collections.abc import Iterable
from typing import Any

from neurosym.errors import UsageError

VOCABULARY = 512
"""The most tokens of a vocabulary."""

LONGEST_WORD = 32
"""Letters of the longest word that may be one token."""

PAD, BEGIN, END = "<|pad|>", "<|begin|>", "<|end|>"
ROLES = ("system", "user", "assistant")
CHAT_TEMPLATE = (
    "{{ bos_token }}"
    "{% for message in messages %}{{ '<|' + message['role'] + '|>' + message['content'] + eos_token }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)

# A digit stands alone, so that numbers are read by their digits. A word goes with the space, "(" or "?" before it
# and keeps its hyphens, so that " a", "(pick-up", " ?x" are one token each; the end of a line goes with its last mark.
WORDS = r" ?[(?]?\p{L}+(?:[-_]\p{L}+)*|\p{N}| ?[^\s\p{L}\p{N}]+\n*|\s*\n+|\s+(?!\S)|\s+"


def new(texts: Iterable[str], seed: int, context: int = 1024) -> tuple[Any, Any]:
    """A fresh model, its weights drawn by `seed`, and its tokenizer, made from `texts`; no text is kept in memory.

    `context` is the most tokens that the model is told to read. Both are transformers' own classes, so that what
    `save_pretrained` writes is an ordinary model folder. Raises UsageError without a text, or without transformers.
    """
    try:
        import torch
        from transformers import LlamaConfig, LlamaForCausalLM
    except ImportError as error:
        raise UsageError(f"nano needs {error.name}: pip install 'neurosym-engine[train]'") from error
    tokenizer = _tokenizer(texts, context)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=128,
        intermediate_size=256,
        num_hidden_layers=3,
        num_attention_heads=4,
        max_position_embeddings=context,
        tie_word_embeddings=True,
        # The usual 0.02 suits a width of thousands. At this width it lets learning begin several times later.
        initializer_range=0.06,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = LlamaForCausalLM(config)
    return model.eval(), tokenizer


def _tokenizer(texts: Iterable[str], context: int) -> Any:
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    words = pre_tokenizers.Split(Regex(WORDS), "isolated")
    as_bytes = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    cut = pre_tokenizers.Sequence([words, as_bytes])

    found: Counter[str] = Counter()
    for text in texts:
        found.update(word for word, _ in cut.pre_tokenize_str(text))
    if not found:
        raise UsageError("nano makes its tokenizer from texts, and there is none: train it on a lake with records")

    space = as_bytes.pre_tokenize_str(" ")[0][0]
    marks = [PAD, BEGIN, END, *(f"<|{role}|>" for role in ROLES)]
    # Every letter may name an object in a renamed problem, whether or not it does in these texts.
    always = marks + sorted(as_bytes.alphabet()) + [space + letter for letter in string.ascii_lowercase]
    rest = {word for word in found if 1 < len(word) <= LONGEST_WORD}.difference(always)
    saving = sorted(rest, key=lambda word: (-found[word] * (len(word) - 1), word))
    vocabulary = {token: number for number, token in enumerate((always + saving)[:VOCABULARY])}

    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[], ignore_merges=True))
    tokenizer.pre_tokenizer = cut
    tokenizer.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=PAD,
        bos_token=BEGIN,
        eos_token=END,
        extra_special_tokens=marks[3:],
        chat_template=CHAT_TEMPLATE,
        model_max_length=context,
        clean_up_tokenization_spaces=False,
    )
