# Writes test/golden/statistics.json: what SciPy and NumPy make of samples with and without equal values, of one to forty values.
# Usage: python3 test/golden/statistics.py > test/golden/statistics.json
import json
import sys

import numpy as np
import scipy
from scipy import stats

rng = np.random.default_rng(20)


def sample(n, kind, shift=0.0):
    if kind == 'plain':
        return [round(float(v), 6) for v in rng.lognormal(0, 0.3, n) + shift]
    return [int(v) for v in rng.integers(1, 9, n) + round(shift * 3)]


def rank_sums():
    for kind in ('plain', 'tied'):
        for n, m in ((1, 1), (1, 5), (3, 3), (4, 7), (5, 5), (8, 8), (10, 6), (20, 20), (12, 20), (21, 9), (25, 30), (40, 40)):
            for shift in (0.0, 0.3):
                a, b = sample(n, kind), sample(m, kind, shift)
                tied = len(set(a + b)) < n + m
                exact = not tied and max(n, m) <= 20
                found = stats.mannwhitneyu(a, b, alternative='two-sided', method='exact' if exact else 'asymptotic')
                p = 1.0 if np.isnan(found.pvalue) else float(found.pvalue)
                yield dict(a=a, b=b, isExact=exact, statistic=float(found.statistic), p=p,
                           shift=float(np.median(np.subtract.outer(np.array(b), np.array(a)))))


def every_sign(d):
    """Two-sided p over all 2^n signs, by enumeration: SciPy's own count knows no equal ranks."""
    d = np.array([v for v in d if v != 0], float)
    ranks = stats.rankdata(np.abs(d))
    n = len(d)
    plus = float(ranks[d > 0].sum())
    signs = (np.arange(2 ** n)[:, None] >> np.arange(n)) & 1
    sums = signs @ ranks
    return plus, min(1.0, 2 * float((sums <= min(plus, ranks.sum() - plus) + 1e-9).mean()))


def signed_ranks():
    for n in (1, 2, 5, 6, 8, 12, 20, 30, 50, 260):
        for shift in (0.0, 0.25):
            d = [round(float(v), 6) for v in rng.normal(shift, 0.5, n)]
            # The two-sided statistic of SciPy is the smaller sum; the one-sided is that of the positive differences.
            plus = float(stats.wilcoxon(d, alternative='greater', method='exact' if n <= 50 else 'asymptotic').statistic)
            found = stats.wilcoxon(d, method='exact' if n <= 50 else 'asymptotic', correction=n > 200)
            yield dict(differences=d, by='scipy.stats.wilcoxon', statistic=plus, p=float(found.pvalue), shift=walsh(d))
    for n in (3, 6, 10, 14):
        for shift in (0, 1):
            d = [int(v) for v in rng.integers(-4, 5, n) + shift]
            plus, p = every_sign(d)
            yield dict(differences=d, by='all signs, enumerated', statistic=plus, p=p, shift=walsh(d))


def walsh(d):
    i, j = np.triu_indices(len(d))
    d = np.array(d)
    return float(np.median((d[i] + d[j]) / 2))


def intervals():
    def hodges_lehmann(d, axis=-1):
        i, j = np.triu_indices(d.shape[-1])
        return np.median((d[..., i] + d[..., j]) / 2, axis=-1)

    def apart(a, b, axis=-1):
        both = b[..., None, :] - a[..., :, None]
        return np.median(both.reshape(*both.shape[:-2], -1), axis=-1)

    for n in (10, 16, 24):
        d = [round(float(v), 6) for v in rng.lognormal(0, 0.5, n)]
        found = stats.bootstrap((d,), hodges_lehmann, n_resamples=50000, method='BCa', batch=2000, vectorized=True, rng=1)
        yield dict(groups=[d], interval=[float(v) for v in found.confidence_interval])
        a, b = sample(n, 'plain'), sample(n - 3, 'plain', 0.1)
        found = stats.bootstrap((a, b), apart, n_resamples=50000, method='BCa', batch=2000, vectorized=True, rng=1)
        yield dict(groups=[a, b], interval=[float(v) for v in found.confidence_interval])


# What R's manual prints for its own examples (?wilcox.test, after Hollander and Wolfe 1973, pages 29 and 69), one-sided there.
published = dict(
    source='R manual, stats::wilcox.test, examples; Hollander and Wolfe (1973), Nonparametric Statistical Methods, pages 29 f. and 68 ff.',
    depression=dict(
        x=[1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30],
        y=[0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29], V=40, pGreater=0.01953),
    permeability=dict(
        at=[0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46],
        age=[1.15, 0.88, 0.90, 0.74, 1.21], W=35, pGreater=0.1272),
)
zs = [0.0, 0.1, 0.5, 1.0, 1.96, 2.9, 2.999, 3.0, 3.5, 6.0, 12.0]
families = [[0.01, 0.04, 0.03, 0.005], [0.2, 0.2, 0.001], [0.5]]


def holm(p):
    """As R's p.adjust(p, "holm") does it."""
    order = np.argsort(p, kind='stable')
    steps = np.maximum.accumulate(np.minimum(1, (len(p) - np.arange(len(p))) * np.array(p)[order]))
    out = np.empty(len(p))
    out[order] = steps
    return [float(v) for v in out]


json.dump(dict(
    source=f'SciPy {scipy.__version__}, NumPy {np.__version__}: scipy.stats.mannwhitneyu, wilcoxon, bootstrap (BCa, 50,000 resamples), norm.sf',
    script='test/golden/statistics.py',
    rankSums=list(rank_sums()), signedRanks=list(signed_ranks()), intervals=list(intervals()), published=published,
    normalTail=[[z, float(stats.norm.sf(z))] for z in zs],
    holm=[dict(p=p, corrected=holm(p)) for p in families],
), sys.stdout, indent=1)
print()
