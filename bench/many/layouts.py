"""How a tree's directories lie, and which of them hold files."""

from dataclasses import dataclass
from itertools import product


@dataclass(frozen=True)
class Layout:
    """Directories below the tree's root."""

    names: tuple[str, ...] = ()  # of all, each after its parent
    holding: tuple[str, ...] = ("",)  # of those with files, which are spread evenly over them; "" is the root

    def directory_of(self, index: int, files: int) -> str:
        """With its slash, if it is not the root."""
        name = self.holding[index * len(self.holding) // files]
        return name and name + "/"


FLAT = Layout()


def one_level(count: int) -> Layout:
    """`count` directories with files."""
    names = tuple(f"dir-{index:04}" for index in range(count))
    return Layout(names, names)


def fan_out(levels: int, width: int) -> Layout:
    """`width` directories in each directory down to the last level, where the files are."""
    each = [f"dir-{index:02}" for index in range(width)]
    by_level = [tuple("/".join(path) for path in product(each, repeat=level)) for level in range(1, levels + 1)]
    return Layout(tuple(name for names in by_level for name in names), by_level[-1])


def chain(depth: int) -> Layout:
    """A directory in a directory, and so on, each with files. Short names: whole paths must stay below PATH_MAX."""
    names = tuple("/".join("d" * level) for level in range(1, depth + 1))
    return Layout(names, names)
