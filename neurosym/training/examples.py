"""Records as the token sequences that a model learns from: the prompt as generation feeds it, then the completion.

Contract: `tokens[:prompt]` is what `apply_chat_template(…, add_generation_prompt=True)` gives for the record's prompt,
token by token; the completion is tokenised on its own, since at generation no token spans that border either; then come
the tokens with which the template ends an assistant's turn. Only `tokens[prompt:]` have a loss. A sequence longer than
the context is dropped and counted, never cut: half a plan is a wrong plan.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from neurosym.core import Record
from neurosym.errors import UsageError

CHUNK = 512
"""So many texts are tokenised in one call."""

MARK = "neurosym"
"""What stands for a message when a template is asked how it ends a turn."""


@dataclass(frozen=True)
class Example:
    """A sequence to learn from: `tokens[:prompt]` is given, and each token from `prompt` on is to be predicted."""

    tokens: tuple[int, ...]
    prompt: int

    def __post_init__(self) -> None:
        if not 0 < self.prompt < len(self.tokens):
            raise ValueError(f"prompt must be in 1..{len(self.tokens) - 1}, not {self.prompt}")


def example(said: Record | tuple[str, str], tokenizer: Any) -> Example:
    """The example of a record, or of a prompt and a completion.

    Raises UsageError where the tokenizer has no chat template.
    """
    (found,) = _examples([_texts(said)], tokenizer, turn_end(tokenizer))
    return found


def examples(records: Iterable[Record | tuple[str, str]], tokenizer: Any, context: int) -> tuple[list[Example], int]:
    """The examples of records, or of pairs of prompt and completion, and how many are longer than `context` tokens.

    Raises UsageError where the tokenizer has no chat template.
    """
    said, end = [_texts(record) for record in records], turn_end(tokenizer)
    made = [
        found
        for start in range(0, len(said), CHUNK)
        for found in _examples(said[start : start + CHUNK], tokenizer, end)
    ]
    kept = [found for found in made if len(found.tokens) <= context]
    return kept, len(made) - len(kept)


def prompt_texts(prompts: Iterable[str], tokenizer: Any) -> list[str]:
    """The prompts as the chat template puts them, up to where the assistant's answer begins.

    Raises UsageError where the tokenizer has no chat template.
    """
    if not tokenizer.chat_template:
        raise UsageError("the base model's tokenizer has no chat template: name a model tuned for instructions")
    chats = [[{"role": "user", "content": prompt}] for prompt in prompts]
    texts: list[str] = tokenizer.apply_chat_template(chats, add_generation_prompt=True, tokenize=False)
    return texts


def turn_end(tokenizer: Any) -> tuple[int, ...]:
    """The tokens with which the chat template ends an assistant's turn, up to the one that stops generation.

    What a template writes after that one (SmolLM2's a line break) is never generated, and so never learned. Where a
    template ends a turn with no special token at all, the tokenizer's end-of-sequence token is added.
    """
    (prompt,) = prompt_texts([MARK], tokenizer)
    chat = [{"role": "user", "content": MARK}, {"role": "assistant", "content": MARK}]
    ended: str = tokenizer.apply_chat_template(chat, tokenize=False)
    _, found, end = ended[len(prompt) if ended.startswith(prompt) else 0 :].rpartition(MARK)
    if not found:
        raise UsageError("the tokenizer's chat template leaves out what the assistant says")
    tokens: list[int] = tokenizer(end, add_special_tokens=False)["input_ids"]
    known = {token for token, added in tokenizer.added_tokens_decoder.items() if added.special}
    special = [place for place, token in enumerate(tokens) if token in known]
    if special:
        return tuple(tokens[: special[-1] + 1])
    if tokenizer.eos_token_id is None:
        raise UsageError("the tokenizer has no end-of-sequence token, so a model could not learn where to stop")
    return (*tokens, tokenizer.eos_token_id)


def _texts(said: Record | tuple[str, str]) -> tuple[str, str]:
    return (said.prompt, said.completion) if isinstance(said, Record) else said


def _examples(said: list[tuple[str, str]], tokenizer: Any, end: tuple[int, ...]) -> list[Example]:
    prompts = tokenizer(prompt_texts([prompt for prompt, _ in said], tokenizer), add_special_tokens=False)
    # A completion is data: what looks like a special token in it is not one.
    completions = tokenizer([completion for _, completion in said], add_special_tokens=False, split_special_tokens=True)
    return [
        Example((*prompt, *completion, *end), len(prompt))
        for prompt, completion in zip(prompts["input_ids"], completions["input_ids"], strict=True)
    ]
