"""`make demo`: the local world on fresh ports, seven requests, their conversation as Slack would show it,
and a verdict on each verdict. Ends with a non-zero status if one is wrong, and leaves nothing running."""

from processes import say
from stack import LOCAL, Stack
from story import SCENES, Conversation, play


def main() -> None:
    stack = Stack(LOCAL / "demo")
    stack.up()
    conversation = Conversation(stack)
    right = 0
    for scene in SCENES:
        say(f"{scene.what}: must end {scene.verdict}")
        problem = play(stack, scene, conversation)
        print(f"\n  {'✗' if problem else '✓'} {scene.what}: {problem or scene.verdict}\n", flush=True)
        if problem:
            break
        right += 1
    stack.end(wrong=right < len(SCENES))
    print(f"demo: {right} of {len(SCENES)} requests ended as they should")
    if right < len(SCENES):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
