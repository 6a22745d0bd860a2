/* The articles' case by hand: 1-NEURONS-1 networks with ReLU, eight side by side, which share their samples.
 *
 * What somebody writes who has nothing else to train: the number of neurons is known to the compiler, vectors are the
 * compiler's own, multiplications and additions may be fused, nothing is looked at but the loss after the last epoch.
 */

typedef double lanes __attribute__((vector_size(64)));
typedef long long mask __attribute__((vector_size(64)));

static inline lanes where(mask chosen, lanes value) { return (lanes)((mask)value & chosen); }

/* Parameters: weights and biases of the hidden neurons, weights and bias of the output, each for eight networks. */
void train(long epochs, long samples, const double *x, const double *f, const lanes *rate, lanes *parameters)
{
    lanes *w = parameters, *v = w + NEURONS, *b = v + NEURONS, *c = b + NEURONS;
    for (long epoch = 0; epoch < epochs; epoch++, x += samples, f += samples) {
        lanes gw[NEURONS] = {0}, gv[NEURONS] = {0}, gb[NEURONS] = {0}, gc = {0}, h[NEURONS];
        for (long m = 0; m < samples; m++) {
            lanes even = *c, odd = {0}; /* of two sums, neither waits for the other */
            for (int i = 0; i < NEURONS; i++) {
                lanes z = w[i] * x[m] + b[i];
                h[i] = where(z > 0, z);
                if (i % 2) odd += v[i] * h[i]; else even += v[i] * h[i];
            }
            lanes delta = even + odd - f[m];
            gc += delta;
            for (int i = 0; i < NEURONS; i++) {
                lanes back = where(h[i] > 0, delta * v[i]);
                gv[i] += delta * h[i];
                gw[i] += back * x[m];
                gb[i] += back;
            }
        }
        for (int i = 0; i < NEURONS; i++) {
            w[i] -= *rate * gw[i];
            v[i] -= *rate * gv[i];
            b[i] -= *rate * gb[i];
        }
        *c -= *rate * gc;
    }
}

void losses(long points, const double *x, const double *f, const lanes *parameters, lanes *total)
{
    const lanes *w = parameters, *v = w + NEURONS, *b = v + NEURONS, *c = b + NEURONS;
    *total = (lanes){0};
    for (long m = 0; m < points; m++) {
        lanes y = *c;
        for (int i = 0; i < NEURONS; i++) {
            lanes z = w[i] * x[m] + b[i];
            y += v[i] * where(z > 0, z);
        }
        *total += 0.5 * (y - f[m]) * (y - f[m]);
    }
}
