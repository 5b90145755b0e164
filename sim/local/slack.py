"""Writes down what Slack's own SDK knows of what is sent to Slack: slack.py WHEEL FILE.

Which arguments its methods take, which members its blocks, elements and objects have, and how long
each may be. Read from its classes, so that nobody here wrote it.
"""

import inspect
import json
import pathlib
import sys

METHODS = {
    "auth.test": "auth_test",
    "chat.delete": "chat_delete",
    "chat.getPermalink": "chat_getPermalink",
    "chat.postEphemeral": "chat_postEphemeral",
    "chat.postMessage": "chat_postMessage",
    "chat.update": "chat_update",
    "conversations.open": "conversations_open",
    "usergroups.users.list": "usergroups_users_list",
    "users.info": "users_info",
    "views.open": "views_open",
    "views.update": "views_update",
}
# What says no type of its own: a confirmation dialog, and what can be chosen in a menu.
UNTYPED = {"confirm": "ConfirmObject", "option": "Option", "option_group": "OptionGroup"}


def keywords(function):
    parameters = inspect.signature(function).parameters.values()
    return sorted(p.name for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY)


def members(cls):
    blank = cls.__new__(cls)
    named = set(blank.attributes)
    if not named:
        named = {p for p in inspect.signature(cls).parameters if p not in ("self", "others")}
    return sorted(named)


def limits(cls):
    found = {}
    for base in reversed(cls.__mro__):
        for name, value in vars(base).items():
            if name.endswith("_max_length") and isinstance(value, int):
                found[name.removesuffix("_max_length")] = value
    return found


def main(wheel, file):
    sys.path.insert(0, wheel)
    from slack_sdk.models import blocks
    from slack_sdk.web import WebClient
    from slack_sdk.webhook import WebhookClient

    classes = {}
    for cls in vars(blocks).values():
        if inspect.isclass(cls) and isinstance(getattr(cls, "type", None), str):
            classes[cls.type] = {"members": members(cls), "limits": limits(cls)}
    for name, cls in UNTYPED.items():
        cls = getattr(blocks, cls)
        classes[name] = {"members": members(cls), "limits": limits(cls)}
    methods = {name: keywords(getattr(WebClient, function)) for name, function in METHODS.items()}
    methods["response_url"] = [name for name in keywords(WebhookClient.send) if name != "headers"]
    model = {"methods": methods, "classes": classes}
    pathlib.Path(file).write_text(json.dumps(model, indent=1, sort_keys=True) + "\n")


main(*sys.argv[1:])
