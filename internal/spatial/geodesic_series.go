package spatial

// order is the order of the series in the third flattening and in eps.
const order = 6

// The terms of the series of Karney's paper (equations 17, 18, 42, 43), each as a polynomial in eps squared, highest power first, then its divisor.
var (
	c1Terms = []float64{-1, 6, -16, 32, -9, 64, -128, 2048, 9, -16, 768, 3, -5, 512, -7, 1280, -7, 2048}
	c2Terms = []float64{1, 2, 16, 32, 35, 64, 384, 2048, 15, 80, 768, 7, 35, 512, 63, 1280, 77, 2048}
)

// The terms of equations 24, 25 and 63 as polynomials in the third flattening, then their divisors.
var (
	a3Terms = []float64{-3, 128, -2, -3, 64, -1, -3, -1, 16, 3, -1, -2, 8, 1, -1, 2, 1, 1}
	c3Terms = []float64{
		3, 128, 2, 5, 128, -1, 3, 3, 64, -1, 0, 1, 8, -1, 1, 4,
		5, 256, 1, 3, 128, -3, -2, 3, 64, 1, -3, 2, 32,
		7, 512, -10, 9, 384, 5, -9, 5, 192,
		7, 512, -14, 7, 512,
		21, 2560,
	}
	c4Terms = []float64{
		97, 15015, 1088, 156, 45045, -224, -4784, 1573, 45045, -10656, 14144, -4576, -858, 45045, 64, 624, -4576, 6864, -3003, 15015,
		100, 208, 572, 3432, -12012, 30030, 45045,
		1, 9009, -2944, 468, 135135, 5792, 1040, -1287, 135135, 5952, -11648, 9152, -2574, 135135, -64, -624, 4576, -6864, 3003, 135135,
		8, 10725, 1856, -936, 225225, -8448, 4992, -1144, 225225, -1440, 4160, -4576, 1716, 225225,
		-136, 63063, 1024, -208, 105105, 3584, -3328, 1144, 315315,
		-128, 135135, -2560, 832, 405405,
		128, 99099,
	}
)

// polynomial has its highest power first.
func polynomial(p []float64, x float64) float64 {
	y := 0.0
	for _, c := range p {
		y = y*x + c
	}
	return y
}

// take evaluates a polynomial of n+1 terms in front of its divisor, and gives what follows.
func take(terms []float64, n int, x float64) (float64, []float64) {
	return polynomial(terms[:n+1], x) / terms[n+1], terms[n+2:]
}

// series works out the coefficients that depend on the ellipsoid alone.
func (s *surface) series() {
	terms := a3Terms
	for k := range s.a3 {
		j := order - 1 - k
		s.a3[k], terms = take(terms, min(order-1-j, j), s.n)
	}
	terms, k := c3Terms, 0
	for l := 1; l < order; l++ {
		for j := order - 1; j >= l; j-- {
			s.c3[k], terms = take(terms, min(order-1-j, j), s.n)
			k++
		}
	}
	terms, k = c4Terms, 0
	for l := range order {
		for j := order - 1; j >= l; j-- {
			s.c4[k], terms = take(terms, order-1-j, s.n)
			k++
		}
	}
}

func (s *surface) a3f(eps float64) float64 { return polynomial(s.a3[:], eps) }

// c3f sets c[1:].
func (s *surface) c3f(eps float64, c *[order]float64) {
	at, power := 0, 1.0
	for l := 1; l < order; l++ {
		power *= eps
		c[l] = power * polynomial(s.c3[at:at+order-l], eps)
		at += order - l
	}
}

func (s *surface) c4f(eps float64, c *[order]float64) {
	at, power := 0, 1.0
	for l := range order {
		c[l] = power * polynomial(s.c4[at:at+order-l], eps)
		at += order - l
		power *= eps
	}
}

// a1f and a2f are A1 - 1 and A2 - 1.
func a1f(eps float64) float64 {
	return (polynomial([]float64{1, 4, 64, 0}, eps*eps)/256 + eps) / (1 - eps)
}

func a2f(eps float64) float64 {
	return (polynomial([]float64{-11, -28, -192, 0}, eps*eps)/256 - eps) / (1 + eps)
}

// powers sets c[1:] from terms in eps.
func powers(c *[order + 1]float64, terms []float64, eps float64) {
	power := eps
	for l := 1; l <= order; l++ {
		var v float64
		v, terms = take(terms, (order-l)/2, eps*eps)
		c[l] = power * v
		power *= eps
	}
}

// sineSeries is the sum of c[k] sin(2 k x), k from 1, by Clenshaw.
func sineSeries(sinx, cosx float64, c []float64) float64 {
	ar := 2 * (cosx - sinx) * (cosx + sinx)
	y0, y1 := 0.0, 0.0
	for k := len(c) - 1; k > 0; k-- {
		y0, y1 = ar*y0-y1+c[k], y0
	}
	return 2 * sinx * cosx * y0
}

// cosineSeries is the sum of c[k] cos((2 k + 1) x), k from 0.
func cosineSeries(sinx, cosx float64, c []float64) float64 {
	ar := 2 * (cosx - sinx) * (cosx + sinx)
	y0, y1 := 0.0, 0.0
	for k := len(c) - 1; k >= 0; k-- {
		y0, y1 = ar*y0-y1+c[k], y0
	}
	return cosx * (y0 - y1)
}
