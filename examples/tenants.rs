//! Many tenants in one database, each of whom sees only what is theirs.
//! Run it with `cargo run --example tenants`.
//! It needs nothing: without DATABASE_URL a PostgreSQL is found or fetched, and forgotten at the end.

use dev_postgres::Database;
use ormcore::{Db, Entity, ErrorKind, Many, Value, entities};

/// A number that is mistaken for no other.
#[derive(Value, Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct TenantId(i64);

#[derive(Entity, Debug)]
#[orm(table = "tenants_customers", insert(NewCustomer))]
struct Customer {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(scope)]
    tenant_id: TenantId,
    #[orm(unique)]
    name: String,
    #[orm(has_many(Invoice, key = customer_id))]
    invoices: Many<Invoice>,
}

#[derive(Entity, Debug)]
#[orm(table = "tenants_invoices", insert(NewInvoice))]
struct Invoice {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(scope)]
    tenant_id: TenantId,
    #[orm(references(Customer))]
    customer_id: i64,
    amount: i64,
    #[orm(many_to_many(Label, through = "tenants_invoice_labels"))]
    labels: Many<Label>,
}

#[derive(Entity, Debug)]
#[orm(table = "tenants_labels", insert(NewLabel))]
struct Label {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(scope)]
    tenant_id: TenantId,
    #[orm(unique)]
    text: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let database = Database::find()?;
    println!("on {database}");
    let db = Db::connect(&database.url()).await?;
    ormcore::schema::create(&db, entities![Customer, Invoice, Label]).await?;

    // A handle for each of them, as cheap as a clone: make one where a request comes in.
    let (bakery, cinema) = (db.scope(TenantId(1)), db.scope(TenantId(2)));
    for (tenant, amounts) in [(&bakery, [3, 5]), (&cinema, [12, 24])] {
        // What is unique is so within a tenant: both have an Ada. New rows get the tenant of the handle.
        let ada = Customer::insert(NewCustomer { name: "Ada".into() });
        let ada = ada.one(tenant).await?;
        println!(
            "{:?} has a customer {} with number {}",
            ada.tenant_id, ada.name, ada.id
        );
        let invoice = |amount| NewInvoice {
            customer_id: ada.id,
            amount,
        };
        Invoice::insert_many(amounts.map(invoice).into())
            .execute(tenant)
            .await?;
    }

    // Every statement is about the rows of its handle's tenant, however it reaches them.
    for (name, tenant) in [("bakery", &bakery), ("cinema", &cinema)] {
        let large = Customer::INVOICES.any(Invoice::AMOUNT.gt(10));
        let customers = Customer::find().filter(large).with(Customer::INVOICES);
        for customer in customers.all(tenant).await? {
            let amounts = customer
                .invoices
                .get()?
                .iter()
                .map(|invoice| invoice.amount);
            let amounts: i64 = amounts.sum();
            println!("{name}: {} owes {amounts}", customer.name);
            // The bakery has no invoice of more than ten.
            assert_eq!((name, amounts), ("cinema", 36));
        }
        let doubled = Invoice::update_many().set(Invoice::AMOUNT, Invoice::AMOUNT * 2);
        let doubled = doubled.all_rows().execute(tenant).await?;
        println!("{name}: {doubled} invoices doubled");
        assert_eq!(doubled, 2);
    }

    // So is a session: its new rows, and the links between them, get the tenant of its handle.
    for tenant in [&bakery, &cinema] {
        let mut s = tenant.session();
        let invoices = s.all(Invoice::find()).await?;
        let label = s.add(NewLabel {
            text: "urgent".into(),
        });
        for invoice in invoices {
            s.connect(invoice, Invoice::LABELS, label)?;
        }
        println!("{}", s.changes());
        s.commit().await?;
        println!("{} of {:?}", s[label].text, s[label].tenant_id);
    }
    let urgent = Invoice::LABELS.any(Label::TEXT.eq("urgent"));
    let urgent = Invoice::find().filter(urgent).count(&cinema).await?;
    assert_eq!(urgent, 2);

    // A transaction is its handle's, too.
    let tx = cinema.begin().await?;
    let gone = Invoice::delete().all_rows().execute(&tx).await?;
    tx.commit().await?;
    assert_eq!((gone, Invoice::find().count(&bakery).await?), (2, 2));

    // Whoever does not say whose rows are meant is told so, before anything is sent.
    match Invoice::find().all(&db).await {
        Err(error) if error.kind() == ErrorKind::ScopeMissing => println!("refused: {error}"),
        other => return Err(format!("{} invoices of whom?", other?.len()).into()),
    }
    let all = Invoice::find().all_scopes().count(&db).await?;
    assert_eq!(all, 2);
    for invoice in Invoice::find().scope(TenantId(1)).all(&db).await? {
        println!(
            "invoice {} of {:?}: customer {} owes {}",
            invoice.id, invoice.tenant_id, invoice.customer_id, invoice.amount
        );
        assert!(invoice.tenant_id == TenantId(1) && [6, 10].contains(&invoice.amount));
    }
    Label::delete().all_rows().all_scopes().execute(&db).await?;
    Invoice::delete()
        .all_rows()
        .all_scopes()
        .execute(&db)
        .await?;
    Customer::delete()
        .all_rows()
        .all_scopes()
        .execute(&db)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_runs() {
        super::main().expect("the example runs to its end");
    }
}
