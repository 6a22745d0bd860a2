"""A classifier of scikit-learn, trained epoch by epoch: an example of a function of one's own.

Nothing in here knows of `sweep`: it is a Python function like any other. Its parameters are the axes of `digits.toml`,
or are held fixed there, or have the defaults that stand here.
"""

import numpy as np
from sklearn.datasets import load_digits
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

# What stands outside of the function is done once in each worker process, not once a run.
# These are 1797 images of 8 × 8 pixels, which come with scikit-learn: nothing is downloaded.
IMAGES, LABELS = load_digits(return_X_y=True)
CLASSES = np.unique(LABELS)


def train(learning_rate, solver="adam", width=16, batch_size=50, *, seed):
    """Yield accuracy and log loss on images that were not trained on, after each epoch."""
    # All chance comes from `seed`: replicate 3 of every setting has the same split, start and order of images.
    # So two settings are compared on the same terms, replicate by replicate.
    images, test_images, labels, test_labels = train_test_split(
        IMAGES / 16, LABELS, train_size=0.5, stratify=LABELS, random_state=seed
    )
    classifier = MLPClassifier(
        (width,), solver=solver, learning_rate_init=learning_rate, batch_size=batch_size, random_state=seed
    )
    while True:  # whoever calls takes as many epochs as the config asks for
        classifier.partial_fit(images, labels, classes=CLASSES)
        yield {
            "accuracy": classifier.score(test_images, test_labels),
            "log_loss": log_loss(test_labels, classifier.predict_proba(test_images)),
        }
