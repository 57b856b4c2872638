"""A private PostgreSQL server for a test."""
import contextlib
import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import tempfile
import time


class Postgres:
    """In a folder of its own; as root it runs as the user postgres, for PostgreSQL refuses root."""

    def __init__(self, address=""):
        found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        assert found, "PostgreSQL is not installed: apt-get install postgresql"
        self.programs = found[-1].parent
        with contextlib.closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="kyso-pg-"))
        self.folder.chmod(0o777)
        self.as_user = []
        if os.geteuid() == 0:
            self.as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
            user = pwd.getpwnam("postgres")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        self.run("initdb", "--no-sync", "--auth=trust", "--username=kyso", "--encoding=UTF8", "--locale=C.UTF-8",
                 "--pgdata", self.folder / "data")
        with open(self.folder / "data/postgresql.conf", "a", encoding="utf-8") as settings:
            settings.write(f"listen_addresses = '{address}'\nport = {self.port}\nunix_socket_directories = '{self.folder}'\n"
                           "max_connections = 100\nlogging_collector = off\n")
        with open(self.folder / "data/pg_hba.conf", "a", encoding="utf-8") as rules:
            rules.write("host all all 10.77.0.0/16 trust\n")
        self.address = address
        self.start()

    def run(self, program, *arguments):
        done = subprocess.run([*self.as_user, str(self.programs / program), *map(str, arguments)], capture_output=True,
                              text=True, check=False, cwd="/")
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self):
        self.run("pg_ctl", "-D", self.folder / "data", "-w", "-l", self.folder / "log", "start")

    def stop(self, mode="immediate"):
        self.run("pg_ctl", "-D", self.folder / "data", "-w", "-m", mode, "stop")

    @property
    def local_url(self):
        return f"host={self.folder} port={self.port} user=kyso dbname=postgres"

    @property
    def remote_url(self):
        return f"host={self.address} port={self.port} user=kyso dbname=postgres"

    def close(self):
        subprocess.run([*self.as_user, str(self.programs / "pg_ctl"), "-D", str(self.folder / "data"), "-m", "immediate", "stop"],
                       capture_output=True, check=False, cwd="/")
        time.sleep(0.1)
        shutil.rmtree(self.folder, ignore_errors=True)
