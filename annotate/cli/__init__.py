"""The command ``nutgraf``: one file a verb family; only this package prints or exits."""

from __future__ import annotations

import importlib
import os
import signal
import sys
from types import FrameType
from typing import Final

import click

from annotate import __version__
from annotate.errors import NutgrafError, OutputFailed

# verb: (module, one line for the overview). Modules are imported only when their verb is called.
VERBS: Final[dict[str, tuple[str, str]]] = {
    "demo": ("annotate.cli.demo", "The whole chain on two articles that come with nutgraf."),
    "split": ("annotate.cli.split", "Split articles into sentences with exact offsets."),
    "export": ("annotate.cli.export", "Write sentences and judgments for other tools: doccano, Label Studio, Excel, …"),
    "import": ("annotate.cli.import_", "Bring in what was judged in other tools or tables."),
    "train": ("annotate.cli.train", "Train a classifier on labelled sentences."),
    "evaluate": ("annotate.cli.evaluate", "Cross-validate a classifier by article."),
    "recipe": ("annotate.cli.recipe", "Print a recipe of a classifier, to make your own from it."),
    "predict": ("annotate.cli.predict", "Label the sentences of new articles."),
    "inspect": ("annotate.cli.inspect", "Show where classifier and labels disagree."),
    "explain": ("annotate.cli.explain", "Say why sentences got their labels."),
    "agree": ("annotate.cli.agree", "Say how far coders agree, with intervals."),
    "gold": ("annotate.cli.gold", "Rebuild and check the text of the released gold labels."),
    "new": ("annotate.cli.new", "Make a project: codebook, articles, rounds, judgments in one folder."),
    "add": ("annotate.cli.add", "Add articles to a project."),
    "sample": ("annotate.cli.sample", "Draw a round of units to code, with known probabilities."),
    "label": ("annotate.cli.label", "Label in the browser, alone or as a team."),
    "push": ("annotate.cli.push", "Bring a round to doccano or Label Studio."),
    "pull": ("annotate.cli.pull", "Bring back what coders judged there."),
    "status": ("annotate.cli.status", "Say what is in a project and how far its coders are."),
    "codebook": ("annotate.cli.codebook", "Take a changed codebook into use; say what is coded again."),
    "backup": ("annotate.cli.backup", "Copy a project's database while it is in use."),
    "verify": ("annotate.cli.verify", "Prove that nothing in a project was changed."),
    "doctor": ("annotate.cli.doctor", "Say what is installed, what is missing and how to get it."),
}


class _Verbs(click.Group):
    """A group that imports a verb's module when the verb is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in VERBS:
            return None
        command = importlib.import_module(VERBS[cmd_name][0]).command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        with formatter.section("Verbs"):
            formatter.write_dl([(verb, line) for verb, (_, line) in VERBS.items()])


@click.group(
    cls=_Verbs,
    subcommand_metavar="VERB …",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, "-V", "--version", message="nutgraf %(version)s")
def nutgraf() -> None:
    """From news pages to claims about framing that survive peer review.

    Start with `nutgraf demo`. Every verb has `--help` with an example.
    """


class _Stopped(SystemExit):
    """The process was told to end: blocks are left as after any error, so that nothing half-written stays."""


def main() -> None:
    """Run the command: exit 0 done, 1 an error that says what to do, 2 a wrong call, 128 and a signal's number."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows knows no SIGHUP
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:  # else `nohup` has it ignored
            signal.signal(number, _stop)
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run the command with these arguments and return its exit status."""
    try:
        _call(arguments)
    except NutgrafError as error:
        click.echo(f"nutgraf: {error}", err=True)
        return 1
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("nutgraf: stopped", err=True)
        return 130
    except _Stopped as stopped:
        click.echo("nutgraf: stopped", err=True)
        return int(str(stopped.code))
    except BrokenPipeError:
        # The reader went away (`nutgraf split … | head`): not an error. Keep the interpreter from flushing into it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return 0


def _call(arguments: list[str]) -> None:
    try:
        nutgraf.main(arguments, prog_name="nutgraf", standalone_mode=False)
    except BrokenPipeError:
        raise
    except OSError as error:
        # Files are spoken of where they are read and written: this is most likely a full disk behind standard output.
        raise OutputFailed(
            f"the system refused ({error.strerror or error})",
            where=error.filename,
            remedy="free some space, or send the output elsewhere",
        ) from error


def _stop(number: int, _frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_DFL)  # told again, it ends at once
    raise _Stopped(128 + number)
