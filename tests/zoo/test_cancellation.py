from threading import Thread

import pytest
import torch
from torch import nn

from napari_cmr.zoo.cancellation import Stopped, end_if_asked, stoppable, watched


@pytest.fixture
def network():
    return watched(nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.ReLU(), nn.Linear(2, 2))))


def test_a_network_ends_between_two_layers(network):
    looks = []

    def is_asked():
        looks.append(None)
        return len(looks) == 2  # before the second layer

    with stoppable(is_asked), pytest.raises(Stopped):
        network(torch.ones(1, 2))
    assert len(looks) == 2


def test_nobody_asks_outside_and_an_inner_wish_does_not_outlive_its_block(network):
    with stoppable(lambda: False):
        with stoppable(lambda: True), pytest.raises(Stopped):
            end_if_asked()
        end_if_asked()
    assert network(torch.ones(1, 2)).shape == (1, 2)


def test_each_thread_is_asked_for_itself(network):
    answers = []
    with stoppable(lambda: True):
        thread = Thread(target=lambda: answers.append(network(torch.ones(1, 2)).shape))
        thread.start()
        thread.join()
    assert answers == [(1, 2)]
