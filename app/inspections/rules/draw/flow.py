"""Whether all places can still be staffed (能否派满): an integer flow, kept up by re-routing single units.

The network is source → post → (home, inspector) → inspector → sink: a post needs one unit, an inspector
carries at most `cap`, and no inspector serves twice at one home. The flow is stored as `at[post]`. Posts
that are fixed do not move; everything else may be re-routed. Sets of inspectors are bits of an integer.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

NOBODY = -1


def bits(mask: int) -> Iterator[int]:
    """The inspectors in a set (集合成员), ascending."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


class Flow:
    """A flow through the staffing network (派组网络流)."""

    def __init__(self, homes: Sequence[int], eligible: Sequence[int], caps: Sequence[int]) -> None:
        """`homes[p]` and `eligible[p]` (a set) of each post, `caps[i]` of each inspector."""
        self.home = list(homes)
        self.eligible = list(eligible)
        self.at = [NOBODY] * len(self.home)
        self.movable = [True] * len(self.home)
        self.load = [0] * len(caps)
        self.held: list[set[int]] = [set() for _ in caps]  # movable posts of each inspector
        self.reach = [0] * len(caps)  # wherever these posts could go, taken together
        places = max(self.home, default=-1) + 1
        self.posts_of: list[list[int]] = [[] for _ in range(places)]
        for post, home in enumerate(self.home):
            self.posts_of[home].append(post)
        self.present = [0] * places  # inspectors serving at a home
        self.settled = [0] * places  # of these, the ones who may not leave
        self.reached = 0  # inspectors seen by the last search
        self.visited: dict[int, tuple[int, int]] = {}
        self.set_caps(caps)

    def set_caps(self, caps: Sequence[int]) -> None:
        """Change the caps (调整上限); loads stay."""
        self.caps = list(caps)
        self.slack = 0
        for inspector, cap in enumerate(caps):
            if self.load[inspector] < cap:
                self.slack |= 1 << inspector

    def _add_load(self, inspector: int, change: int) -> None:
        self.load[inspector] += change
        if self.load[inspector] < self.caps[inspector]:
            self.slack |= 1 << inspector
        else:
            self.slack &= ~(1 << inspector)

    def _sit(self, post: int, inspector: int) -> None:
        self.at[post] = inspector
        self.held[inspector].add(post)
        self.reach[inspector] |= self.eligible[post]
        self.present[self.home[post]] |= 1 << inspector

    def _rise(self, post: int) -> None:
        inspector = self.at[post]
        self.at[post] = NOBODY
        self._let_go(inspector, post)
        self.present[self.home[post]] &= ~(1 << inspector)

    def _let_go(self, inspector: int, post: int) -> None:
        self.held[inspector].discard(post)
        reach = 0
        for other in self.held[inspector]:
            reach |= self.eligible[other]
        self.reach[inspector] = reach

    def shut_in(self) -> set[int]:
        """All posts the last search, which failed, could have moved (涉及任务)."""
        return set(self.visited).union(*(self.held[inspector] for inspector in bits(self.reached)))

    def place(self, post: int) -> bool:
        """Staff one more post, moving others if needed (增派一席). False, and nothing changed, if impossible."""
        path = self._search([post])
        if path is None:
            return False
        self._shift(*path)
        return True

    def lift(self, post: int) -> None:
        """Take the inspector of a post away (撤下一席)."""
        inspector = self.at[post]
        self._rise(post)
        self._add_load(inspector, -1)

    def fix(self, post: int, inspector: int) -> None:
        """Put an inspector at an empty post for good (定下一席), without asking whether the rest can follow."""
        self._sit(post, inspector)
        self._settle(post)
        self._add_load(inspector, +1)

    def _settle(self, post: int) -> None:
        inspector = self.at[post]
        self.movable[post] = False
        self._let_go(inspector, post)
        self.settled[self.home[post]] |= 1 << inspector

    def fix_if_rest_can_follow(self, post: int, inspector: int) -> bool:
        """Fix an empty post if all others can still be staffed (可行才定). False, and nothing changed, if not.

        Everything else must be staffed. Only one unit is re-routed: that of a colleague at the same home who
        is this inspector, or, when the inspector is full, any one of the inspector's other posts.
        """
        home, bit = self.home[post], 1 << inspector
        self.reached = 0
        if self.settled[home] & bit:
            return False
        if self.present[home] & bit:
            starts, emptied = [twin for twin in self.posts_of[home] if self.at[twin] == inspector], False
        elif self.slack & bit:
            self.fix(post, inspector)
            return True
        else:
            starts, emptied = list(self.held[inspector]), True
        self.settled[home] |= bit  # nobody else of this home may come here
        path = self._search(starts, inspector if emptied else NOBODY)
        if path is None:
            self.settled[home] &= ~bit
            return False
        left = self._shift(*path)
        self._add_load(left, -1)
        self.fix(post, inspector)
        return True

    def _search(self, starts: Sequence[int], emptied: int = NOBODY) -> tuple[int, int] | None:
        """From posts that need another inspector to one with room: (last post, inspector); None if shut in.

        `emptied` = the inspector whose movable posts all are starts. `visited[post]` = (post that takes over,
        inspector it takes), kept for `_shift`. Posts of an inspector none of whom could go anywhere new are
        not looked at one by one.
        """
        self.visited = {}
        self.reached = 0 if emptied == NOBODY else 1 << emptied
        posts: list[int] = []
        for post in starts:
            if self._visit(post, NOBODY, NOBODY, posts):
                return self._end(post)
        inspectors: deque[tuple[int, int]] = deque()
        while posts or inspectors:
            if posts:
                post = posts.pop()
                end = self._ask_colleagues(post, posts)
                if end is not None:
                    return end
                free = self._open(post) & ~self.present[self.home[post]] & ~self.reached
                self.reached |= free
                inspectors.extend((inspector, post) for inspector in bits(free))
                continue
            inspector, post = inspectors.popleft()
            if self.reach[inspector] & (self.slack | ~self.reached):
                for other in self.held[inspector]:
                    if self._visit(other, post, inspector, posts):
                        return self._end(other)
        return None

    def _open(self, post: int) -> int:
        return self.eligible[post] & ~self.settled[self.home[post]]

    def _ask_colleagues(self, post: int, posts: list[int]) -> tuple[int, int] | None:
        """Somebody at the same home could hand over the inspector (同组换人): nobody's load changes."""
        home, open_ = self.home[post], self._open(post)
        if open_ & self.present[home]:
            for twin in self.posts_of[home]:
                handed = self.at[twin]
                if handed == NOBODY or not self.movable[twin] or not open_ >> handed & 1:
                    continue
                if self._visit(twin, post, handed, posts):
                    return self._end(twin)
        return None

    def _visit(self, post: int, before: int, handed: int, queue: list[int]) -> bool:
        if post in self.visited:
            return False
        self.visited[post] = before, handed
        queue.append(post)
        return bool(self._room(post))

    def _room(self, post: int) -> int:
        return self._open(post) & self.slack & ~self.present[self.home[post]]

    def _end(self, post: int) -> tuple[int, int]:
        return post, self._room(post).bit_length() - 1

    def _shift(self, post: int, inspector: int) -> int:
        """Move along the path found; returns the inspector whom its first post left (NOBODY if none)."""
        self._add_load(inspector, +1)
        while True:
            before, handed = self.visited[post]
            left = self.at[post]
            if left != NOBODY:
                self._rise(post)
            self._sit(post, inspector)
            if before == NOBODY:
                return left
            post, inspector = before, handed
