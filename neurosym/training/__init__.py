"""From a lake to an adapter: token sequences, packs, the loss, and the loop around them."""
