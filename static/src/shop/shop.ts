/** The demonstration's shop: nothing but its styles. What it does with the widget, its pages say in attributes. */
import "./shop.css";
