"""The daemons that are compared, each private, and the nameserver that both ask."""

import subprocess
from pathlib import Path

import private_network
from support.milterd import Milterd, stage
from support.nameserver import Nameserver
from support.opendkim import OpenDkim


class CountingNameserver(Nameserver):
    """Tells how many questions it has had."""

    def __init__(self, records, directory):
        socket = Path(directory) / "unbound-control.sock"
        super().__init__(records, directory,
                         extra=f"  interface: {private_network.ADDRESS}\n"
                               f"  access-control: {private_network.ADDRESS} allow\n"
                               "remote-control:\n  control-enable: yes\n"
                               f"  control-interface: {socket}\n  control-use-cert: no\n")

    def queries(self):
        said = subprocess.run(["unbound-control", "-c", self.configuration, "stats_noreset"],
                              capture_output=True, text=True, check=True).stdout
        return int(said.partition("total.num.queries=")[2].split()[0])


class Stacks:
    """opendkim and milterd, a verifying and a signing one of each."""

    def __init__(self, directory, mail, nameserver, syslog):
        directory = Path(directory)
        # As Debian ships it, but for its sockets, its user and the root's trust anchor, which a
        # private nameserver has no signatures for.
        usual = {"Syslog": syslog, "SyslogSuccess": syslog, "OversignHeaders": "From",
                 "Canonicalization": "relaxed/simple", 
                 "Nameservers": f"{private_network.ADDRESS}@{nameserver.port}",
                 "AlwaysAddARHeader": "no"}
        self._opendkim = {
            "verify": OpenDkim(directory / "opendkim", settings=usual),
            "sign": OpenDkim(directory / "opendkim-sign", key=mail.key,
                             settings={**usual, "Domain": "d0.example"}),
        }
        dns = {"nameservers": [f"{private_network.ADDRESS}:{nameserver.port}"]}
        self._milterd = {
            "verify": Milterd(directory / "milterd", stage("dkim", mode=["verify"]), dns=dns),
            "sign": Milterd(directory / "milterd-sign", stage(
                "dkim", mode=["sign"], domain=["d0.example"], selector="s1",
                key_file=mail.key.path, canonicalization="relaxed/simple",
                internal_hosts=["192.0.2.7"]), dns=dns),
        }

    def __enter__(self):
        for daemon in (*self._opendkim.values(), *self._milterd.values()):
            daemon.start()
        return self

    def __exit__(self, *_):
        for daemon in (*self._opendkim.values(), *self._milterd.values()):
            daemon.stop()

    def verifiers(self):
        return self._pair("verify")

    def signers(self):
        return self._pair("sign")

    def _pair(self, job):
        opendkim, milterd = self._opendkim[job], self._milterd[job]
        return {"opendkim": (opendkim.pid, opendkim.socket),
                "milterd": (milterd.process.pid, milterd.socket_path)}
