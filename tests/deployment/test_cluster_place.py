"""Where the database lies when its account cannot enter the state folder."""

from pathlib import Path

import pytest
from portal_cli.postgres import SERVER_USER, Cluster
from portal_cli.processes import is_root, user_exists
from portal_cli.state import State


@pytest.mark.skipif(
    not (is_root() and user_exists(SERVER_USER)), reason="only root starts it as another account"
)
def test_data_and_socket_leave_a_folder_that_the_server_cannot_enter(
    state: State, tmp_path: Path
) -> None:
    tmp_path.chmod(0o700)
    cluster = Cluster(state, 20_000)
    assert state.home not in cluster.folder.parents
    assert cluster.socket.parent == cluster.folder.parent
