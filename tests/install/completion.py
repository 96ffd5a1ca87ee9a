"""Completion for bash, zsh and fish: it knows what the tool knows, and the names that the running daemon has."""

import json
import os
import re

import places
from places import InFolder, run, source, text_of

SHELLS = ("bash", "zsh", "fish")


def tool(*words):
    return run(os.path.join(places.BUILD, "bin", "causeway"), *words)


def commands():
    listed = tool("--help").stdout.split("Commands:\n")[1].split("\n\n")[0]
    # What follows a name is an argument in capitals, in brackets where it may be absent.
    return [[word for word in line.split("  ")[1].split() if word == word.lower() and not word.startswith("[")]
            for line in listed.splitlines()]


class Completion(InFolder):
    def test_each_shell_knows_every_command_and_option(self):
        for shell in SHELLS:
            text = text_of("packaging", "completion", "causeway." + shell)
            for command in commands():
                for word in command:
                    self.assertRegex(text, rf"[\s'\"(|]{word}\b", f"{shell}: {word} of {command}")
                for option in re.findall(r"--([a-z-]+)", tool(*command, "--help").stdout.split("Options:")[1]):
                    self.assertRegex(text, rf"(--|-l ){option}\b", f"{shell}: --{option} of {command}")
            self.assertRegex(text, r"(--|-l )format")

    def test_each_shell_can_read_it(self):
        for shell, words in {"bash": ["bash", "-n"], "zsh": ["zsh", "-n"], "fish": ["fish", "--no-execute"]}.items():
            done = run(*words, source("packaging", "completion", "causeway." + shell))
            self.assertEqual((done.returncode, done.stderr), (0, ""), shell)

    def daemon(self):
        """A tool that answers as if a daemon ran, first on the path. What needs no daemon the real one answers."""
        answer = json.dumps({"peers": [{"display_name": "Site2Site", "tunnels": [{"display_name": "site2site_lan"}]}]})
        real = os.path.join(places.BUILD, "bin", "causeway")
        os.chmod(self.write(f"#!/bin/sh\n[ \"$1\" != explain ] || exec '{real}' explain\necho '{answer}'\n", "bin", "causeway"),
                 0o755)
        return {**os.environ, "PATH": self.path("bin") + ":" + os.environ["PATH"], "HOME": self.folder}

    def test_bash_completes_words_and_names(self):
        script = source("packaging", "completion", "causeway.bash")

        def complete(*words):
            listed = " ".join(f"'{word}'" for word in words)
            done = run("bash", "-c", f". {script}; COMP_WORDS=({listed}); COMP_CWORD={len(words) - 1}; _causeway; "
                                     "printf '%s\\n' \"${COMPREPLY[@]}\"", env=self.daemon())
            self.assertEqual(done.stderr, "")
            return done.stdout.split()

        self.assertEqual(complete("causeway", "sta"), ["status", "statusall", "start", "starter"])
        self.assertEqual(complete("ipsec", "up", "s"), ["site2site_lan"])
        self.assertEqual(complete("causeway", "up", "S"), ["Site2Site"])
        self.assertEqual(complete("causeway", "log-level", "w"), ["warning"])
        self.assertEqual(complete("causeway", "firewall", "a"), ["apply"])
        self.assertEqual(complete("causeway", "config", "check", "--format", ""), ["uci", "ipsec.conf", "swanctl.conf", "vpncfg"])
        self.assertEqual(complete("causeway", "explain", "psk-weak"), ["psk-weak"])

    def test_fish_completes_words_and_names(self):
        script = source("packaging", "completion", "causeway.fish")

        def complete(line):
            done = run("fish", "--no-config", "-c", f"source {script}; complete -C '{line}'", env=self.daemon())
            self.assertEqual(done.stderr, "")
            return {found.split("\t")[0] for found in done.stdout.splitlines()}

        self.assertEqual(complete("causeway sta"), {"status", "statusall", "start", "starter"})
        self.assertEqual(complete("causeway up s"), {"Site2Site", "site2site_lan"})
        self.assertEqual(complete("causeway log-level w"), {"warning"})


if __name__ == "__main__":
    places.main()
