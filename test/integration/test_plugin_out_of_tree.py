"""A stage plugin that is built against an installation only loads and works."""

import os
import shutil
import subprocess

from support import messages
from support.mail_case import MailCase, main, source_root
from support.milter_client import judge
from support.milterd import Milterd, stage

SAMPLE = source_root() / "test" / "fixtures" / "out_of_tree"


class OutOfTree(MailCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.root = cls.directory / "root"
        cls.run_quietly("meson", "install", "--no-rebuild", "-C", os.environ["MILTERD_BUILD"],
                        "--destdir", cls.root)

    @classmethod
    def run_quietly(cls, *command, **options):
        done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
        if done.returncode != 0:
            raise AssertionError(f"{command}:\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def installed(self, pattern):
        return sorted(path for path in self.root.rglob(pattern))

    def test_everything_is_installed(self):
        for pattern in ("*bin/milterd", "dkim.so", "clamav.so", "milterd/plugin.hpp",
                        "pkgconfig/milterd.pc", "milterd.toml", "milterd.service"):
            self.assertEqual(len(self.installed(pattern)), 1, pattern)

    def test_a_plugin_built_with_pkg_config_alone_works(self):
        package = self.installed("milterd.pc")[0]
        environment = {**os.environ, "PKG_CONFIG_PATH": str(package.parent),
                       "PKG_CONFIG_SYSROOT_DIR": str(self.root)}
        flags = self.run_quietly("pkg-config", "--cflags", "milterd", env=environment).split()
        folder = self.run_quietly("pkg-config", "--variable=plugindir", "milterd",
                                  env={**environment, "PKG_CONFIG_SYSROOT_DIR": ""}).strip()
        module = self.root / folder.lstrip("/") / "out_of_tree.so"
        compiler = os.environ["MILTERD_COMPILER"].split()
        sources = sorted(SAMPLE.glob("*.cpp"))
        self.assertTrue(sources)
        self.run_quietly(*compiler, *flags, "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared",
                         "-fvisibility=hidden", "-o", module, *sources)
        daemon = Milterd(self.directory / "daemon", stage("out_of_tree"),
                         plugin_directory=str(module.parent))
        self.addCleanup(daemon.stop)
        daemon.start()
        answer = judge(daemon.socket_path, messages.message())
        self.assertEqual(answer.word, "continue")
        self.assertEqual([edit[0] for edit in answer.edits], ["add"])

    def test_the_installed_binary_finds_its_plugins_where_they_were_installed(self):
        binary = self.installed("*bin/milterd")[0]
        text = self.run_quietly("strings", "-a", binary) if shutil.which("strings") else None
        if text is None:
            self.skipTest("no strings(1)")
        folder = "/" + str(self.installed("dkim.so")[0].parent.relative_to(self.root))
        self.assertIn(folder, text)


if __name__ == "__main__":
    main()
