use txkit::transactional;

#[transactional]
struct Orders {
    pool: sqlx::PgPool,
}

fn main() {}
