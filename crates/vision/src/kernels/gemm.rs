//! The one door to the matrix kernels of the `gemm` crate.

/// A matrix in a slice: element (r, c) lies at `r * row_stride + c * col_stride`.
#[derive(Clone, Copy)]
pub(crate) struct Mat<'a> {
    data: &'a [f32],
    rows: usize,
    cols: usize,
    row_stride: usize,
    col_stride: usize,
}

impl<'a> Mat<'a> {
    /// Row after row, without gaps.
    pub(crate) fn new(data: &'a [f32], rows: usize, cols: usize) -> Self {
        Self { data, rows, cols, row_stride: cols, col_stride: 1 }
    }

    /// The same numbers, mirrored at the diagonal.
    pub(crate) fn transposed(self) -> Self {
        Self {
            rows: self.cols,
            cols: self.rows,
            row_stride: self.col_stride,
            col_stride: self.row_stride,
            ..self
        }
    }

    fn fits(&self) -> bool {
        self.rows == 0
            || self.cols == 0
            || (self.rows - 1) * self.row_stride + (self.cols - 1) * self.col_stride < self.data.len()
    }
}

/// What happens to what the target held.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// It is replaced.
    Replace,
    /// The product is added to it.
    Add,
}

/// `dst = a · b` or `dst += a · b`, on this thread; `dst` is row by row.
///
/// # Panics
/// When the shapes do not fit together: a bug in this crate.
#[allow(unsafe_code, reason = "the matrix kernels take pointers; every bound is checked here")]
pub(crate) fn multiply(dst: &mut [f32], target: Target, a: Mat<'_>, b: Mat<'_>) {
    assert!(a.cols == b.rows && a.fits() && b.fits(), "the factors do not fit together");
    assert!(dst.len() >= a.rows * b.cols, "the product does not fit its target");
    // SAFETY: the asserts above keep every access of the kernel inside its
    // slice; `dst` is borrowed mutably, so it overlaps neither factor.
    unsafe {
        gemm::gemm(
            a.rows,
            b.cols,
            a.cols,
            dst.as_mut_ptr(),
            1,
            b.cols as isize,
            target == Target::Add,
            a.data.as_ptr(),
            a.col_stride as isize,
            a.row_stride as isize,
            b.data.as_ptr(),
            b.col_stride as isize,
            b.row_stride as isize,
            1.0,
            1.0,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_add_up_and_transpose() {
        let a = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let b = [1.0, 0.0, 2.0, 1.0];
        let mut c = [100.0; 6];
        multiply(&mut c, Target::Replace, Mat::new(&a, 3, 2), Mat::new(&b, 2, 2));
        assert_eq!(c, [5.0, 2.0, 11.0, 4.0, 17.0, 6.0]);
        let mut d = [1.0; 4];
        multiply(&mut d, Target::Add, Mat::new(&a, 3, 2).transposed(), Mat::new(&a, 3, 2));
        assert_eq!(d, [36.0, 45.0, 45.0, 57.0]);
    }
}
