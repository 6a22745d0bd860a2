import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweep.training.network.model import split_parameters
from sweep.training.network.streams import generator, initial_parameters, samples


def drawn(
    seed=0, replicates=(0,), per_epoch=3, epochs=10, interval=(0.0, 1.0), chunk_bytes=10**6, most_epochs=100
):
    return np.concatenate(
        list(samples(seed, replicates, per_epoch, epochs, interval, most_epochs, chunk_bytes))
    )


@given(st.integers(1, 20), st.integers(1, 20), st.integers(0, 3))
def test_the_first_neurons_are_the_same_at_every_width(few, more, replicate):
    few, more = sorted((few, few + more))
    (w1, w2), (b1, b2) = split_parameters(initial_parameters(7, replicate, (1, few, 1)), (1, few, 1))
    (v1, v2), (c1, c2) = split_parameters(initial_parameters(7, replicate, (1, more, 1)), (1, more, 1))
    np.testing.assert_array_equal(w1, v1[:few])
    np.testing.assert_array_equal(w2, v2[:, :few])
    np.testing.assert_array_equal(b1, c1[:few])
    np.testing.assert_array_equal(b2, c2)


@pytest.mark.parametrize("layer_sizes", [(1, 1, 1), (1, 4, 3, 1), (1, 2, 5, 2, 1)])
def test_every_parameter_is_a_random_number_of_its_own(layer_sizes):
    parameters = initial_parameters(0, 0, layer_sizes)
    assert len(np.unique(parameters)) == len(parameters)
    assert (np.abs(parameters) <= 1).all()


def test_initial_parameters_are_uniform():
    from scipy import stats

    many = np.concatenate([initial_parameters(0, replicate, (1, 10, 1)) for replicate in range(200)])
    assert stats.kstest(many, stats.uniform(-1, 2).cdf).pvalue > 0.001


@given(st.integers(1, 2000))
def test_the_size_of_the_chunks_does_not_change_the_samples(chunk_bytes):
    np.testing.assert_array_equal(drawn(replicates=(0, 3)), drawn(replicates=(0, 3), chunk_bytes=chunk_bytes))


def test_a_replicates_samples_do_not_depend_on_the_others_nor_on_the_number_of_epochs():
    together = drawn(replicates=(0, 1, 2))
    assert together.shape == (10, 3, 3)
    np.testing.assert_array_equal(together[:5, :, [1]], drawn(replicates=(1,), epochs=5))
    assert len(np.unique(together)) == together.size


def test_samples_lie_on_the_interval():
    x = drawn(interval=(-2.0, 5.0), epochs=500)
    assert -2.0 <= x.min() < -1.9
    assert 4.9 < x.max() <= 5.0


def test_the_first_of_several_networks_has_the_numbers_that_it_has_alone():
    several = np.concatenate(list(samples(5, (2, 4), 3, 10, (0.0, 1.0), 10, 10**6, networks=3)))
    assert several.shape == (10, 3, 6)
    alone = np.concatenate(list(samples(5, (2, 4), 3, 10, (0.0, 1.0), 10, 10**6)))
    np.testing.assert_array_equal(several[:, :, [0, 3]], alone)
    assert len(np.unique(several)) == several.size
    shape = (1, 4, 1)
    np.testing.assert_array_equal(initial_parameters(5, 2, shape, 0), initial_parameters(5, 2, shape))
    others = [initial_parameters(5, 2, shape, network) for network in range(3)]
    assert len(np.unique(others)) == 3 * len(others[0])


def test_the_streams_of_further_networks_are_named_by_their_number():
    for stream in (0, 1):
        named = np.random.SeedSequence(5, spawn_key=(2, stream, 3))
        assert generator(5, 2, stream, 3).random() == np.random.default_rng(named).random()
